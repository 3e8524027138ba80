"""DER (ITU-T X.690) of what is signed, written here octet by octet."""
