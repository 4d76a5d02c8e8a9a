"""What the database can keep: characters of texts, and numbers of ids."""

import re

#: The greatest number that an id in the database can be.
ID_MAX = 2**63 - 1


#: What the database keeps in no text, and what UTF-8 cannot say.
NOT_KEPT = re.compile(r"[\x00\ud800-\udfff]")


#: Characters that no name of ours has.
IN_NO_NAME = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
