"""Paper: PDF sheets with embedded Chinese type, and QR codes."""
