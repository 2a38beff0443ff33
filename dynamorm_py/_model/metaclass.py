"""The class of model classes: pydantic's, which also says where a field is looked for on its class.

Other libraries write conditions so; a checker cannot tell, as it takes `User.name` for a `str`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel

__all__ = ["ModelType"]

if TYPE_CHECKING:  # a checker shall see pydantic's own, which it knows to make dataclasses
    from pydantic._internal._model_construction import ModelMetaclass as ModelType
else:

    class ModelType(type(BaseModel)):
        """Pydantic's metaclass, with another AttributeError for a field."""

        def __getattr__(cls, name: str) -> object:
            """Return what pydantic has for the name. Raises AttributeError."""
            try:
                return super().__getattr__(name)
            except AttributeError:
                if name not in cls.__dict__.get("__pydantic_fields__", ()):
                    raise
                here = f"{cls.__name__}.{name}"
                repair = f"in an expression write fields({cls.__name__}).{name}"
                raise AttributeError(f"{here} is a field of the instances, not of the class: {repair}") from None
