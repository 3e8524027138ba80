"""Coming in, changing the password, going out."""

from gateway.login.login import LoggedIn, Login
from gateway.login.logout import Logout
from gateway.login.password_reset import PasswordReset

__all__ = ["LoggedIn", "Login", "Logout", "PasswordReset"]
