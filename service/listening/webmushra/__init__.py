"""Configurations of webMUSHRA, read as tests of ours.

- `yaml_reading`: YAML as its own parser reads it
- `prose`: its HTML as plain text
- `notes`: what is changed or left out, line by line
- `scales`: answers by Likert's points as scales of ours
- `questionnaires`: what is asked in the end
- `pages`: which pages there are, in which order
- `importing`: from pages to specs
"""

from service.listening.webmushra.importing import Imported, read
from service.listening.webmushra.notes import ImportNote

__all__ = ["ImportNote", "Imported", "read"]
