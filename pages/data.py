"""Which column says who, what and when?"""

from ui import brought, columns, opening, uploads
from ui.answer import title

title("data")
upload = uploads.wanted()
if upload is not None:
    raw, how = uploads.show_found(upload)
    chosen = columns.choose_columns(upload, raw, how)
    opening.take(upload, raw, how, chosen)
    uploads.show_preview(raw, chosen.columns, chosen.zone, chosen.date_order)
elif brought.is_there():
    brought.show()
else:
    opening.sample_buttons()
