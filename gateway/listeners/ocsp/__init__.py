"""The OCSP responder's way from the socket to the answer and back.

`entrance` accepts and reads, `conversation` answers in order, `desk` finds the
answers; what is not OCSP is handed to the HTTP server (`protocol`).
"""
