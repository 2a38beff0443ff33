"""How long a data key serves: the settings, and nothing of how keys are kept."""

from __future__ import annotations

from dynamorm_py._kernel.public import public
from dynamorm_py._kernel.values import frozen
from dynamorm_py.errors import EncryptionNotConfigured

_MESSAGES_LIMIT = 2**32  # random nonces under one key: NIST SP 800-38D, 8.3


@public()
@frozen
class DataKeyReuse:
    """How long a data key is used: seconds, values written under it, and the number of keys kept for reading.

    The longer, the fewer calls of KMS, and the more values one leaked data key decrypts.
    """

    seconds: float = 300
    messages: int = 1000
    read_keys: int = 1000

    def __post_init__(self) -> None:
        """Raise EncryptionNotConfigured for settings that mean nothing."""
        if self.seconds < 0 or not 1 <= self.messages <= _MESSAGES_LIMIT or self.read_keys < 1:
            raise EncryptionNotConfigured(
                f"{self!r}: seconds are 0 or more, messages 1 to 2**32, read_keys 1 or more; off() reuses nothing"
            )

    @classmethod
    def off(cls) -> DataKeyReuse:
        """Return the setting of the sister libraries: a data key for each value, and a call of KMS for each read."""
        return cls(seconds=0, messages=1, read_keys=1)
