"""What anybody sees before holding a certificate: landing, pickup, help."""
