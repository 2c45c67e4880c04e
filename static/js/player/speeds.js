/** (T - 1) mean speed of the sure joints in dancer heights a second; NaN where nobody is in view and at cuts. */
export function speedsOf(track, skeleton) {
  const joints = track.joints.length;
  const moving = skeleton.face.map((face, joint) => (face || skeleton.derived[joint] ? null : joint)).filter((joint) => joint !== null);
  const speeds = [];
  for (let frame = 1; frame < track.tS.length; frame++) {
    const dtS = track.tS[frame] - track.tS[frame - 1];
    let sum = 0;
    let seen = 0;
    for (const joint of track.beginsShot[frame] ? [] : moving) {
      const cell = frame * joints + joint;
      if (track.conf[cell] < 0.3 || track.conf[cell - joints] < 0.3) continue;
      const dx = track.xyPx[cell * 2] - track.xyPx[(cell - joints) * 2];
      const dy = track.xyPx[cell * 2 + 1] - track.xyPx[(cell - joints) * 2 + 1];
      sum += Math.hypot(dx, dy);
      seen += 1;
    }
    speeds.push(seen ? sum / seen / dtS / track.sizePx[1] : NaN);
  }
  return speeds;
}
