"""Who may connect: pyzmq's ZAP handlers (27/ZAP) and CURVE certificates. See SECURITY.md."""

from .base import CURVE_ALLOW_ANY as CURVE_ALLOW_ANY
from .base import Authenticator as Authenticator
from .certs import create_certificates as create_certificates
from .certs import load_certificate as load_certificate
from .certs import load_certificates as load_certificates
