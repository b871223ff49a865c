// The board of stages in the browser: what Streamlit calls. The files stand in one module, in the order of
// __init__.py, behind those of board_queue.

const boards = new WeakMap();

export default function (component) {
  const { parentElement, data, setStateValue } = component;
  let board = boards.get(parentElement);
  if (!board) boards.set(parentElement, (board = new Keyboard(parentElement)));
  board.find = (text) => setStateValue("find", text);
  board.receive(data, (parcel) => setStateValue("ops", parcel));
  return () => {
    boards.delete(parentElement);
    board.close();
  };
}
