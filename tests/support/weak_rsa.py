"""RSA keys that look right and are not, each made the way the real ones came about."""

from itertools import count
from math import isqrt, prod

import gmpy2
from cryptography.hazmat.primitives.asymmetric import rsa

EXPONENT = 65537
_HALF = 1024
_SHARED_MODULUS = (
    "b504bbdb47631e8058d9e5c40ec30d1a2e86598fc1dfb4f218eead0204099f0780be4e40062dc029"
    "a389cc740b9aaa64cf387ddb3d851f36692a83a2cb812ad2db78276d338053e261d006e667df4dc8"
    "2d321ca609705c01a523b9909cc982080dd10d9da3f7c133e8d0511d5a8cdbd3fe3e48d275221970"
    "c90194bbbee600782bdd0da3fc6a98d114886e2926815ecd5297fa3c0f090259b6fa54108fd623ba"
    "b308e4af414193d11a6f381369d27b8cd3d8d91a2abcce6c7fa615de5d465ce2d3415768c174e958"
    "988b02a05b6ede7f56420f7674c8567bb9a35a1809df96c394b2868cbad4a440fb342440159a7564"
    "8c27e94caca533d0ff074663bad66ca5"
)
_DEBIAN_MODULUS = (
    "c096530c4c4a343fc388ff8b6e14c88b617485966dd0f757f3decb2f03dfdfe6f518e0948f538705"
    "9bd5aa124f26d38f139dd6ebc234360561689758e9b14e03f714508167374cbf64e24e26c3cd95ed"
    "5a5d04e3c404be157bb8090e9ada9cdc53ef7e806c1e77b5f10242150a24e9adf991088daf20a75b"
    "eb54bc91fe43dd8755447fd3abdefb9f1c987a8b0419824504e213f8dd26a9c6b7ed2f2103d84227"
    "20f7a7400ce34743e4ce40440c69013efea2a39790fcdfccbb424da1d824adfe58071ed76d41af83"
    "6e4093ea60f5719e250fa214f8631153a81eefc17d82e3f819da57691ed9602550074fdea73ac9e5"
    "cfe10f6b91adc31b402c3e370b03a559"
)


def key_of(p: int, q: int, exponent: int = EXPONENT) -> rsa.RSAPrivateKey:
    """Return the private key of two primes, without the library's own checks."""
    private = pow(exponent, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(
        p=p, q=q, d=private,
        dmp1=rsa.rsa_crt_dmp1(private, p), dmq1=rsa.rsa_crt_dmq1(private, q),
        iqmp=rsa.rsa_crt_iqmp(p, q),
        public_numbers=rsa.RSAPublicNumbers(exponent, p * q),
    )  # fmt: skip
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


def close_primes() -> rsa.RSAPrivateKey:
    """Two primes next to each other (CVE-2022-26320)."""
    p = _prime_after(isqrt(1 << 2 * _HALF) - (1 << 1000))
    return key_of(_prime_after(p + 1), p)


def roca() -> rsa.RSAPrivateKey:
    """Primes of the form k*M + (65537^a mod M) (CVE-2017-15361)."""
    # The product of the first 126 primes, as for keys of 1984 to 3936 bits.
    primorial = prod(_first_primes(126))
    found: list[int] = []
    for exponent in count(1_000):
        base = (3 << _HALF - 2) // primorial + exponent
        candidate = base * primorial + pow(EXPONENT, exponent, primorial)
        if gmpy2.is_prime(candidate):
            found.append(candidate)
            if len(found) == 2:
                return key_of(*found)
    raise AssertionError


def small_factor() -> rsa.RSAPrivateKey:
    """A modulus with a factor of two octets, as a flipped bit makes it."""
    return key_of(_prime_after(1 << 2 * _HALF - 16), 65521)


def shared_prime() -> rsa.RSAPublicKey:
    """A key of a certificate in public logs that shares a prime with others (crt.sh 5534506057)."""
    return _public_key(_SHARED_MODULUS)


def debian_weak() -> rsa.RSAPublicKey:
    """A key made by the Debian OpenSSL of 2008, which knew 32,768 keys (CVE-2008-0166)."""
    return _public_key(_DEBIAN_MODULUS)


def polynomial() -> rsa.RSAPrivateKey:
    """Primes with long runs of zero bits, whose product factors like a polynomial."""
    found = [
        prime
        for prime in (_with_zeros(seed) for seed in range(1, 40))
        if gmpy2.is_prime(prime) and (prime - 1) % EXPONENT
    ]
    return key_of(found[0], found[1])


def _with_zeros(seed: int) -> int:
    # Words of 128 bits of which only the low 8 are used.
    words = [0xC0 << 120] + [(seed * 37 + place * 11) % 199 + 1 for place in range(7)]
    value = 0
    for word in words:
        value = value << 128 | word
    return int(gmpy2.next_prime(value))


def _prime_after(number: int) -> int:
    while True:
        number = int(gmpy2.next_prime(number))
        if (number - 1) % EXPONENT:
            return number


def _first_primes(how_many: int) -> list[int]:
    primes = [2]
    while len(primes) < how_many:
        primes.append(int(gmpy2.next_prime(primes[-1])))
    return primes


def _public_key(modulus: str) -> rsa.RSAPublicKey:
    return rsa.RSAPublicNumbers(EXPONENT, int(modulus, 16)).public_key()
