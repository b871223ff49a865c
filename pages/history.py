"""Who changed what, and how do I get back to how it was?"""

from ui import history
from ui.answer import title

title("history")
history.need_project()
history.versions()
history.changes()
