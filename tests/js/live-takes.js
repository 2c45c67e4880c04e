/** Hands the poses of a track to the streaming scorer one by one, as the camera would. */
import process from "node:process";

import { StreamScorer } from "../../static/js/live/scorer.js";

export function posesOf({ track, world }) {
  const joints = track.joints.length;
  return Array.from(track.tS, (tS, at) => ({
    tS,
    pose: {
      xyPx: track.xyPx.slice(at * joints * 2, (at + 1) * joints * 2),
      conf: track.conf.slice(at * joints, (at + 1) * joints),
      xyzM: world ? world.slice(at * joints * 3, (at + 1) * joints * 3) : null,
      found: track.conf.subarray(at * joints, (at + 1) * joints).some((conf) => conf > 0),
    },
  }));
}

export function scorerFor(guide, attempt, { counts, fromS, toS, config, rate = 1, clockDoubtS = 0 }) {
  return new StreamScorer({ guide: guide.track, guideWorld: guide.world, counts, config, rate, sizePx: attempt.track.sizePx, fromS, toS, clockDoubtS });
}

/** Milliseconds of the processor: what else the machine does counts little. */
function busyMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * The whole take: {eights, mirrored, glow (share of the poses in which each limb glows), poseMs, eightMs, firstMs}.
 * @param {number} offsetS  guide seconds that are added to the attempt's times
 */
export function danceThrough(guide, attempt, how, poses = posesOf(attempt), offsetS = 0) {
  const begun = busyMs();
  const scorer = scorerFor(guide, attempt, how);
  const result = { eights: [], mirrored: false, glow: {}, poseMs: [], eightMs: [], firstMs: busyMs() - begun };
  for (const { tS, pose } of poses) {
    const before = busyMs();
    scorer.add(tS + offsetS, pose);
    const wrong = scorer.limbsWrong();
    const eights = scorer.takeEights(tS + offsetS);
    (eights.length ? result.eightMs : result.poseMs).push(busyMs() - before);
    result.eights.push(...eights);
    for (const limb of wrong) result.glow[limb] = (result.glow[limb] ?? 0) + 1 / poses.length;
  }
  result.eights.push(...scorer.takeEights(Infinity));
  result.mirrored = scorer.mirrored;
  return result;
}
