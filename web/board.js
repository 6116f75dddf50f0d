/** The canvas: strokes of a pen, a finger or a mouse. */

const MIN_STEP = 1; // pixels between two points of a stroke: pens report more than matter

/**
 * Let people draw on a canvas.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {(down: boolean) => void} changed called at every change; `down`: whether the pen is down
 * @returns {{strokes: number[][][], pen: number, undo: () => void, clear: () => void, redraw: () => void,
 *   width: number, height: number}} strokes in pixels of the page, y down
 */
export function board(canvas, changed) {
  const context = canvas.getContext("2d");
  let pointer = null;

  const self = {
    strokes: [],
    pen: 16,
    get width() {
      return canvas.clientWidth;
    },
    get height() {
      return canvas.clientHeight;
    },
    undo() {
      self.strokes.pop();
      renew();
    },
    clear() {
      self.strokes.length = 0;
      renew();
    },
    redraw() {
      const scale = window.devicePixelRatio || 1;
      canvas.width = Math.round(self.width * scale);
      canvas.height = Math.round(self.height * scale);
      context.scale(scale, scale);
      self.strokes.forEach((points) => line(points, 0));
    },
  };

  function renew() {
    pointer = null;
    self.redraw();
    changed(false);
  }

  /** Draw a stroke, beginning at one of its points. */
  function line(points, from) {
    const { color } = getComputedStyle(canvas);
    Object.assign(context, { lineWidth: self.pen, lineCap: "round", lineJoin: "round", strokeStyle: color });
    context.beginPath();
    context.moveTo(...points[from]);
    points.slice(from).forEach((point) => context.lineTo(...point)); // a single point gives a dot
    context.stroke();
  }

  function place(event) {
    const { left, top } = canvas.getBoundingClientRect();
    return [event.clientX - left - canvas.clientLeft, event.clientY - top - canvas.clientTop];
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (pointer !== null || event.button !== 0) return;
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    const points = [place(event)];
    self.strokes.push(points);
    line(points, 0);
    changed(true);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const points = self.strokes.at(-1),
      from = points.length - 1;
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const [x, y] of (passed.length ? passed : [event]).map(place)) {
      const [lastX, lastY] = points.at(-1);
      if (Math.hypot(x - lastX, y - lastY) >= MIN_STEP) points.push([x, y]);
    }
    if (points.length === from + 1) return;
    line(points, from);
    changed(true);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, (event) => {
      if (event.pointerId !== pointer) return;
      pointer = null;
      changed(false);
    });
  }
  return self;
}
