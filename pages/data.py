"""Which column says who, what and when?"""

from ui import columns, opening, uploads
from ui.answer import title

title("data")
upload = uploads.wanted()
if upload is not None:
    raw = uploads.show_found(upload)
    choice, zone, once = columns.choose_columns(upload, raw)
    opening.take(upload, raw, choice, zone, once)
    uploads.show_preview(raw, choice, zone)
elif opening.is_open():
    opening.show_result()
else:
    opening.sample_buttons()
