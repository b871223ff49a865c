"""What was found, in the order in which it is told?"""

from ui.notebook import book, heading, toolbar

heading()
toolbar()
book()
