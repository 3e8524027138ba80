"""The kinds of keys the CA signs with and certifies.

ML-DSA (FIPS 204) is experimental and for authorities only: no browser logs in
with it yet.
"""

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa

EndEntityPrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
EndEntityPublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey

CaPrivateKey = EndEntityPrivateKey | mldsa.MLDSA65PrivateKey
CaPublicKey = EndEntityPublicKey | mldsa.MLDSA65PublicKey
