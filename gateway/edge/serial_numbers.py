"""Serial numbers as HAProxy writes them."""


def serial_as_haproxy_prints(serial_number: str) -> str:
    """Return `serial_number` (hexadecimal, any case) as ``ssl_c_serial,hex`` prints it.

    HAProxy prints the content octets of OpenSSL's ASN1_INTEGER: the magnitude in
    whole octets, upper case, without the octet of zeros that DER puts before a
    first bit of one (X.690 section 8.3.2). Raises `ValueError` when it is not
    hexadecimal or not positive (RFC 5280 section 4.1.2.2).
    """
    number = int(serial_number, 16)
    if number <= 0:
        raise ValueError("a serial number is positive")
    return number.to_bytes((number.bit_length() + 7) // 8).hex().upper()
