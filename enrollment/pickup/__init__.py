"""Exchanging serial number and download password for certificate and key."""
