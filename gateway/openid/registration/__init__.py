"""Relying parties: what is registered of an application, and by which rules."""

from gateway.openid.registration.application import Application, Audience
from gateway.openid.registration.form import RegistrationForm, read_registration
from gateway.openid.registration.keys import read_keys, split_pasted
from gateway.openid.registration.registry import RelyingParties

__all__ = [
    "Application",
    "Audience",
    "RegistrationForm",
    "RelyingParties",
    "read_keys",
    "read_registration",
    "split_pasted",
]
