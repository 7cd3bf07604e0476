"""Content for one person, planned from descriptions, tastes and explanations: which stretches, which sentences, which items.

Takes records, gives records; reads no store and no clock, writes no file.
"""

from __future__ import annotations
