"""Which files say what customers did, and what stands in them?"""

from ui import brought, demo, erasing, expected, found, joining, opening, reading, uploads, waiting
from ui.answer import title

title("data")
if demo.is_on():
    brought.outline()
else:
    uploads.drop()
    with reading.read():
        opening.straight_through()
        if uploads.is_waiting():
            files = found.know()
            waiting.cards(files)
            joining.show(files)
            opening.take(files)
        elif opening.is_open():
            expected.show()
            brought.show()
            erasing.show()
        else:
            opening.invite()
