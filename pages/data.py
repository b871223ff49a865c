"""Which column says who, what and when?"""

from ui import uploads
from ui.answer import title

title("data")
upload = uploads.wanted()
if upload is not None:
    raw = uploads.show_found(upload)
    columns, zone, once = uploads.choose_columns(upload, raw)
    uploads.take(upload, raw, columns, zone, once)
    uploads.show_preview(raw)
else:
    uploads.sample_buttons()
