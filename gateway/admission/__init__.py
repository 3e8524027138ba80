"""Who a request is from, asked before any route is looked up; nobody by default."""

from gateway.admission.admission import Admission, Admitted, Examined
from gateway.admission.layer import SESSION_COOKIE, AdmissionLayer

__all__ = ["SESSION_COOKIE", "Admission", "AdmissionLayer", "Admitted", "Examined"]
