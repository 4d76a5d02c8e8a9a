"""The bounds of texts and ids that the database can store."""

import re

#: The greatest id that the database can store.
ID_MAX = 2**63 - 1

#: Characters that the database cannot store in a text, and those that UTF-8 cannot encode.
UNSTORABLE_CHARACTERS = re.compile(r"[\x00\ud800-\udfff]")

#: Characters that no name may have.
CHARACTERS_IN_NO_NAME = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
