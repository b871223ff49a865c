"""Which event belongs to which stage?"""

from ui import board, controls
from ui.answer import need_log, row, title

title("stages")
need_log()
with row():
    controls.filters()
    board.templates()
controls.narrowed()
board.board()
