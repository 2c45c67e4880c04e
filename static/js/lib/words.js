/**
 * Every sentence that scripts show. The page may translate any of them: a JSON dictionary in
 * <script type="application/json" id="words"> is laid over these defaults, key by key.
 */
export const DEFAULT_WORDS = Object.freeze({
  // limbs, the dancer's own left and right
  limb_torso: "Torso",
  limb_left_arm: "Left arm",
  limb_right_arm: "Right arm",
  limb_left_leg: "Left leg",
  limb_right_leg: "Right leg",
  limb_head: "Head",

  // player
  player_play: "Play",
  player_pause: "Pause",
  player_position: "{time} of {total}",
  player_position_section: "{time} of {total}, {section}",
  player_position_error: "{place}, {degrees}° off",
  player_position_unjudged: "{place}, not judged",
  player_section: "{section}, from {start} to {end}",
  player_overall: "All",
  player_timing: "Timing",
  player_loop_on: "Looping {loop}",
  player_loop_from_to: "{start} to {end}",
  player_loop_counts: "{start} to {end}, {n} counts",
  player_loop_pick: "Drag over the timeline, or tap where it begins.",
  player_loop_pick_end: "Now tap where it ends.",
  player_loop_short: "That is too short to loop.",
  player_loop_nothing: "There is no section here.",
  player_speed: "Speed {rate}×",
  player_count_words: "one two three four five six seven eight",
  player_camera_on: "Your camera is on. Only you see it.",
  player_loop_off: "Loop is off",
  player_guide_missing: "The guide's dance could not be loaded. Check your connection and try again.",
  player_attempt_missing: "Your take could not be loaded. Check your connection and try again.",
  player_guide_video_missing: "The guide's video does not play here, so you see the skeleton alone.",
  player_attempt_video_missing: "Your video does not play here, so you see your skeleton alone.",
  player_skeleton_missing: "The skeleton could not be loaded; the video still plays.",
  player_audio_missing: "The music could not be loaded, so the dance plays without sound.",
  player_blocked: "The browser would not start by itself: press play once more.",
  player_space_missing: "This browser cannot draw in 3D, so you see the flat picture. Another browser or device may.",
  player_space_failed: "The 3D view could not be loaded. Check your connection and try again.",
  player_space_lost: "The 3D view had to stop, so you see the flat picture. Press 3D to try again.",

  // where a take begins in its guide
  start_together: "Your clip and the guide begin together.",
  start_in_guide: "Your clip begins at {time} of the guide.",
  start_in_clip: "The guide begins at {time} of your clip.",
  start_earlier: "Preview: your take {seconds} s earlier.",
  start_later: "Preview: your take {seconds} s later.",
  start_out_of_reach: "There, your take and the guide have nothing in common.",

  // the desk's counts
  counts_one: "Count 1 at {seconds} s: press again on another 1 to check.",
  counts_one_alone: "Count 1 at {seconds} s. Now the tempo: tap T on each beat, or write it below.",
  counts_tapped: "{bpm} beats per minute from {taps} taps, mostly within {ms} ms. The first tap is a 1.",
  counts_tap_on: "Go on tapping: {more} more.",
  counts_no_tempo: "These taps give no tempo of 30 to 300. Wait five seconds, then begin again on a 1.",
  counts_found: "The tempo is the one heard in the sound. Now press 1 on a count 1.",
  counts_eight: "eight {number}",

  // history
  history_label: "Your scores over time",
  history_point: "{label}: {score} on {date}",

  // insights
  insight_chart: "chart",
  insight_keys: "Arrow keys go from point to point, Home and End to the ends.",
  insight_failed: "The chart could not be loaded. Its numbers are in the table.",
  insight_no_value: "no value",
  insight_interval: "{value} (95%: {low} to {high})",
  insight_sure: "Clear: by the stricter tests too.",
  insight_unsure: "Not clear: it may be chance.",
  insight_waiting: "Being counted: {percent}%",
  insight_offline: "The connection was lost; the counting goes on. Looking again…",

  // upload
  upload_drop: "Drop your clip here, or choose it",
  upload_choose_other: "Choose another clip",
  upload_cancel: "Stop the upload",
  upload_retry: "Try again",
  upload_progress: "{percent}% sent, {left}",
  upload_checking: "All sent. Checking the clip…",
  upload_ready: "{name}, {size}",
  upload_ready_length: "{name}, {size}, {length}",
  upload_no_preview: "This browser cannot show the clip, but it can be uploaded.",
  upload_preview: "Preview of your clip",
  upload_none: "Choose a clip first.",
  upload_wrong_type: "This is not a video we can read. Choose an MP4, MOV or WebM clip.",
  upload_empty: "This file is empty. Choose another clip.",
  upload_too_big: "This clip has {size}; at most {limit} can be sent. Trim it or record at a lower resolution.",
  upload_too_long: "This clip lasts {length}; at most {limit} can be compared. Trim it to the dance.",
  upload_cancelled: "The upload was stopped. Your clip is still chosen.",
  upload_offline: "The connection was lost. Your clip is still chosen: try again when you are back online.",
  upload_refused: "The server could not take the clip just now. Try again in a moment.",

  // drill
  drill_next: "{label} at {percent}%",
  drill_next_part: "Now the whole part once more",
  drill_loop: "Loop at {percent}% again",
  drill_go_in: "Goes on in {n}",
  drill_unseen: "Too little of you was seen, so this round does not count. Step back until your whole body is in the picture.",
  drill_sits: "{points} points: this one is steady. On to the next.",
  drill_faster: "{points} points, twice in a row: faster now.",
  drill_enough: "{points} points. Enough of this one for today: it comes back.",
  drill_passed: "{points} points: good. Once more like that.",
  drill_not_yet: "{points} points: not yet. It loops again.",
  drill_state_now: "now at {percent}%",
  drill_state_sits: "steady",
  drill_whole_part: "The whole part",
  drill_end_done: "Drilled",
  drill_end_stopped: "Stopped here",
  drill_end_eye: "Drilled by eye",
  drill_end_eye_note: "Your minutes are counted. Dance it before the camera or send a take to see whether it is steady.",
  drill_by_eye_instead: "You can drill by eye meanwhile.",

  // takes that wait on this device
  send_offline: "The connection was lost. Your take is kept on this device: send it when you are back online.",
  send_refused: "The server could not take this just now. Your take is kept on this device: reload the page and send it again.",
  send_sign_in: "You are signed out. Your take is kept on this device: sign in, then send it.",
  unsent_label: "A take on this device",
  unsent_waits: "Your take of {title}, danced on {date}, waits on this device.",
  unsent_send: "Send it",
  unsent_drop: "Throw it away",
  unsent_sure: "Throw this take away for good?",
  unsent_sending: "Your take is being sent…",
  unsent_bar: "How much is sent",
  unsent_sent: "It has arrived, and is being compared with the guide.",
  unsent_open: "See the take",

  // sizes and times
  size_kb: "{n} kB",
  size_mb: "{n} MB",
  size_gb: "{n} GB",
  length_seconds: "{n} s",
  length_minutes: "{n} min",
  length_both: "{m} min {s} s",
  left_unknown: "working out the time left",
  left_moment: "a few seconds left",
  left_seconds: "about {n} seconds left",
  left_minute: "about a minute left",
  left_minutes: "about {n} minutes left",
  left_hour: "about an hour left",
  left_hours: "about {n} hours left",

  // jobs
  job_stage_queued: "Waiting",
  job_stage_checking: "Checking the clip",
  job_stage_converting: "Converting",
  job_stage_finding: "Finding you",
  job_stage_comparing: "Comparing",
  job_stage_done: "Done",
  job_title_failed: "This did not work out",
  job_title_cancelled: "Stopped",
  job_now: "{stage}, {percent}%",
  job_queue: "Waiting: {n} ahead of you",
  job_queue_next: "Waiting: you are next",
  job_queue_plain: "Waiting for a free place",
  job_rate: "{n} frames a second",
  job_again: "This is try number {n}: the first one was interrupted.",
  job_done: "Done. Opening the result…",
  job_failed: "This did not work. Try again, or with another clip.",
  job_cancelled: "Stopped. You can start again whenever you like.",
  job_offline: "The connection was lost; the work goes on. Looking again…",

  // the camera and the pose engine in the browser
  live_error_no_camera: "No camera was found. Connect one and try again, or upload a clip instead.",
  live_error_camera_denied: "The camera is blocked for this site. Allow it beside the address, then try again.",
  live_error_camera_busy: "Another app or tab uses the camera. Close it, then try again.",
  live_error_camera_lost: "The camera stopped. Check its cable and whether another app took it, then try again.",
  live_error_insecure: "Browsers give the camera to secure pages only. Open this page by https, or upload a clip instead.",
  live_error_no_wasm: "This browser cannot run the pose engine. Try the newest Chrome, Edge, Firefox or Safari, or upload a clip instead.",
  live_error_engine_failed: "The pose engine did not start. Load the page again, or upload a clip instead.",
  live_error_engine_crashed: "The pose engine stopped twice. Load the page again; if that does not help, upload a clip instead.",
  live_error_out_of_memory: "There is too little memory for the pose engine. Close other tabs and apps, then try again, or upload a clip instead.",
  live_error_model_missing: "Part of the pose engine could not be loaded. Check your connection and try again.",
  live_hidden: "Paused: nothing is seen while this page is hidden. Come back to it to go on.",

  // dancing live
  live_error_guide_missing: "The guide's dance could not be loaded. Check your connection and try again.",
  live_error_stopped: "You stopped it before it began.",
  live_asking: "Your browser asks for the camera: say yes there.",
  live_loading: "Getting the pose engine ready…",
  live_measuring: "Seeing how fast this device is…",
  live_ready: "Ready.",
  live_gate_nobody: "Step in front of the camera.",
  live_gate_feet: "Your feet are not in the picture: step back.",
  live_gate_legs: "Your legs are not in the picture: step back.",
  live_gate_head: "Your head is not in the picture: tilt the camera up, or step back.",
  live_gate_arms: "Your arms are not in the picture: come to the middle, or step back.",
  live_gate_torso: "Your body is not all in the picture: come to the middle, or step back.",
  live_gate_far: "You are far away: come a little closer.",
  live_gate_holding: "Good. Stay there for a moment.",
  live_gate_ready: "Here we go!",
  live_verdict_perfect: "Perfect",
  live_verdict_great: "Great",
  live_verdict_good: "Good",
  live_verdict_ok: "OK",
  live_verdict_miss: "Miss",
  live_verdict_none: "Not seen",
  live_streak: "×{n}",
  live_late: "{ms} ms late",
  live_early: "{ms} ms early",
  live_you: "You",
  live_guide: "Guide",
  live_total: "{verdict}: {n}",
  live_again_how: "Once more? Hold up your right hand, or say “again”.",
  live_clap_listen: "Listen to four clicks, then clap with the next eight.",
  live_clap_now: "Clap with each click.",
  live_latency_known: "Camera and sound are {ms} ms apart on this device (measured {date}).",
  live_latency_assumed: "How far camera and sound are apart on this device is not measured yet; we take {ms} ms.",
  live_latency_found: "Measured: {ms} ms, give or take {spread} ms. Kept for this device.",
  live_latency_poor: "Only {matched} claps could be told apart clearly. Stand so that both hands are in the picture, and clap again.",
  live_try_some: "Your last two dances here went well. Try it with only some help.",
  live_try_none: "Your last two dances here went well. Try it without help, as on a stage.",
  live_end_done: "Danced!",
  live_end_stopped: "Stopped",
  live_end_slow: "Well practised. For a score, dance it at full speed.",
  live_end_short: "That was under {n} seconds: too short for a score.",
  live_end_unseen: "Too little of you was seen to judge it. Make sure that there is light and that your whole body is in the picture.",
  live_hidden_end: "This page was hidden, so the dance ended there.",
  live_sending: "Sending your take for the full result…",
  live_sent: "Sent. Opening the result…",
  live_kept: "Your take is kept on this device and can be sent whenever you are back online.",
  live_not_kept: "Leave this page open and try again: your take is only here.",
  live_dropped: "The take is thrown away. Nothing of it was kept.",
  live_end_too_slow: "This device found you only {n} times a second, too seldom to judge you as you dance. Close other tabs and apps, or upload a clip instead.",
});

let words = null;

/** The sentence of a key with {names} filled in. An unknown key is a mistake of ours and throws. */
export function word(key, values = {}) {
  words ??= { ...DEFAULT_WORDS, ...wordsOfPage() };
  const sentence = words[key];
  if (sentence === undefined) throw new Error(`no word for ${key}`);
  return fill(sentence, values);
}

export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

function wordsOfPage() {
  const element = globalThis.document?.getElementById("words");
  return element ? JSON.parse(element.textContent) : {};
}
