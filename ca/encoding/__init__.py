"""DER (ITU-T X.690): what is signed is written here octet by octet; what reading may raise."""
