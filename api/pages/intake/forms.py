"""Reads the form of a key; see `frame.forms`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.pages.frame.forms import TEXT_TOO_LONG, FormError, field_texts
from api.pages.words.language import mark
from register.devices import NAME_MAX

KIND_MISSING = mark("Choose whether a device or a gateway sends with the key")
NAME_MISSING = mark("Enter the name, of at most 128 characters")
NOT_ENROLLED = mark("The device is not enrolled")


@dataclass(frozen=True, slots=True)
class KeyForm:
    """The form of POST /intake/keys: whose key it is, and what it is for."""

    for_gateway: bool
    name: str
    label: str

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "KeyForm":
        """Raises FormError."""
        values = field_texts(fields, ("kind", "name", "label"))
        errors: dict[str, str] = {}
        if values["kind"] not in ("device", "gateway"):
            errors["kind"] = KIND_MISSING
        if not 1 <= len(values["name"]) <= NAME_MAX:
            errors["name"] = NAME_MISSING
        if len(values["label"]) > NAME_MAX:
            errors["label"] = TEXT_TOO_LONG
        if errors:
            raise FormError(values, errors)
        return cls(values["kind"] == "gateway", values["name"], values["label"])

    def not_enrolled(self) -> FormError:
        """The refusal of a form that names a device that is not enrolled."""
        values = {"kind": "device", "name": self.name, "label": self.label}
        return FormError(values, {"name": NOT_ENROLLED})
