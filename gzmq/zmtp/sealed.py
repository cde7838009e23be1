"""Where what is in a MESSAGE of 25/ZMTP-CURVE: the command's name, the nonce, the box, in which are flags and body."""

SHORT_NONCE = 8
MESSAGE = b"\x07MESSAGE"
NONCE_AT = len(MESSAGE)
BOX_AT = NONCE_AT + SHORT_NONCE
_AUTHENTICATOR = 16
#: What sealing adds to a frame.
OVERHEAD = BOX_AT + _AUTHENTICATOR + 1
#: Flags inside the box.
LAST, MORE, COMMAND = 0, 1, 2
