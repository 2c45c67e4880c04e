/** A plugin of Chart.js: what lies under and between its elements. `chart` is the payload. */
export function underlay(chart, theme, { marked }) {
  return {
    id: "underlay",
    beforeDatasetsDraw({ ctx, scales, chartArea }) {
      ctx.save();
      ctx.beginPath();
      ctx.rect(chartArea.left - 6, chartArea.top - 6, chartArea.width + 12, chartArea.height + 12);
      ctx.clip();
      const draw = { lines: drawBands, bars: drawHidden, intervals: drawIntervals, points: drawGuide }[chart.kind];
      draw(ctx, { chart, theme, scales, chartArea });
      ctx.restore();
    },
    afterDatasetsDraw(drawn) {
      const stop = marked();
      if (stop && (chart.kind === "lines" || chart.kind === "bars")) drawPlace(drawn, stop, theme);
    },
  };
}

function drawBands(ctx, { chart, theme, scales }) {
  chart.series.forEach((series, i) => {
    if (!series.low || !series.high) return;
    const y = scales[series.axis === "right" ? "right" : "y"];
    const places = series.values.map((_, at) => at).filter((at) => series.low[at] !== null && series.high[at] !== null);
    ctx.beginPath();
    for (const at of places) ctx.lineTo(scales.x.getPixelForValue(at), y.getPixelForValue(series.high[at]));
    for (const at of places.reverse()) ctx.lineTo(scales.x.getPixelForValue(at), y.getPixelForValue(series.low[at]));
    ctx.closePath();
    ctx.globalAlpha = 0.18;
    ctx.fillStyle = theme.data[i % theme.data.length];
    ctx.fill();
    ctx.globalAlpha = 1;
  });
}

/** A bar that is hidden leaves a mark, or it would read as zero. */
function drawHidden(ctx, { chart, theme, scales }) {
  const floor = scales.y.getPixelForValue(scales.y.min);
  ctx.strokeStyle = theme.edge;
  ctx.lineWidth = 1.5;
  ctx.setLineDash([3, 3]);
  chart.series[0]?.values.forEach((value, at) => {
    if (value !== null) return;
    const x = scales.x.getPixelForValue(at);
    ctx.strokeRect(x - 5, floor - 14, 10, 14);
  });
}

function drawIntervals(ctx, { chart, theme, scales, chartArea }) {
  line(ctx, scales.x.getPixelForValue(0), chartArea.top, scales.x.getPixelForValue(0), chartArea.bottom, theme.edge, 1.5);
  ctx.lineCap = "round";
  chart.rows.forEach(({ low, high, strong }, i) => {
    const y = scales.y.getPixelForValue(i);
    const colour = strong ? theme.data[0] : theme.mist;
    line(ctx, scales.x.getPixelForValue(low), y, scales.x.getPixelForValue(high), y, colour, strong ? 4 : 2);
  });
}

function drawGuide(ctx, { chart, theme, scales, chartArea }) {
  if (chart.line === "zero") {
    const y = scales.y.getPixelForValue(0);
    line(ctx, chartArea.left, y, chartArea.right, y, theme.edge, 1.5);
  }
  if (chart.line !== "diagonal") return;
  const least = Math.max(scales.x.min, scales.y.min);
  const most = Math.min(scales.x.max, scales.y.max);
  const [from, to] = [least, most].map((value) => [scales.x.getPixelForValue(value), scales.y.getPixelForValue(value)]);
  line(ctx, ...from, ...to, theme.edge, 1.5);
}

function drawPlace({ ctx, scales, chartArea }, { index }, theme) {
  const x = scales.x.getPixelForValue(index);
  ctx.save();
  ctx.setLineDash([2, 4]);
  line(ctx, x, chartArea.top, x, chartArea.bottom, theme.mist, 1);
  ctx.restore();
}

function line(ctx, fromX, fromY, toX, toY, colour, width) {
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.beginPath();
  ctx.moveTo(fromX, fromY);
  ctx.lineTo(toX, toY);
  ctx.stroke();
}
