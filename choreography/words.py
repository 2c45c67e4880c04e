"""Every sentence that the browser's modules say: the defaults of static/js/lib/words.js, here to be translated."""

from django.utils.translation import gettext, gettext_noop

WORDS = {
    # limbs, the dancer's own left and right
    "limb_torso": gettext_noop("Torso"),
    "limb_left_arm": gettext_noop("Left arm"),
    "limb_right_arm": gettext_noop("Right arm"),
    "limb_left_leg": gettext_noop("Left leg"),
    "limb_right_leg": gettext_noop("Right leg"),
    "limb_head": gettext_noop("Head"),
    # player
    "player_play": gettext_noop("Play"),
    "player_pause": gettext_noop("Pause"),
    "player_position": gettext_noop("{time} of {total}"),
    "player_position_section": gettext_noop("{time} of {total}, {section}"),
    "player_position_error": gettext_noop("{place}, {degrees}° off"),
    "player_position_unjudged": gettext_noop("{place}, not judged"),
    "player_section": gettext_noop("{section}, from {start} to {end}"),
    "player_overall": gettext_noop("All"),
    "player_timing": gettext_noop("Timing"),
    "player_loop_on": gettext_noop("Looping {loop}"),
    "player_loop_from_to": gettext_noop("{start} to {end}"),
    "player_loop_counts": gettext_noop("{start} to {end}, {n} counts"),
    "player_loop_pick": gettext_noop("Drag over the timeline, or tap where it begins."),
    "player_loop_pick_end": gettext_noop("Now tap where it ends."),
    "player_loop_short": gettext_noop("That is too short to loop."),
    "player_loop_nothing": gettext_noop("There is no section here."),
    "player_speed": gettext_noop("Speed {rate}×"),
    "player_count_words": gettext_noop("one two three four five six seven eight"),
    "player_camera_on": gettext_noop("Your camera is on. Only you see it."),
    "player_loop_off": gettext_noop("Loop is off"),
    "player_guide_missing": gettext_noop("The guide's dance could not be loaded. Check your connection and try again."),
    "player_attempt_missing": gettext_noop("Your take could not be loaded. Check your connection and try again."),
    "player_guide_video_missing": gettext_noop("The guide's video does not play here, so you see the skeleton alone."),
    "player_attempt_video_missing": gettext_noop("Your video does not play here, so you see your skeleton alone."),
    "player_skeleton_missing": gettext_noop("The skeleton could not be loaded; the video still plays."),
    "player_audio_missing": gettext_noop("The music could not be loaded, so the dance plays without sound."),
    "player_blocked": gettext_noop("The browser would not start by itself: press play once more."),
    "player_space_missing": gettext_noop(
        "This browser cannot draw in 3D, so you see the flat picture. Another browser or device may."
    ),
    "player_space_failed": gettext_noop("The 3D view could not be loaded. Check your connection and try again."),
    "player_space_lost": gettext_noop("The 3D view had to stop, so you see the flat picture. Press 3D to try again."),
    # where a take begins in its guide
    "start_together": gettext_noop("Your clip and the guide begin together."),
    "start_in_guide": gettext_noop("Your clip begins at {time} of the guide."),
    "start_in_clip": gettext_noop("The guide begins at {time} of your clip."),
    "start_earlier": gettext_noop("Preview: your take {seconds} s earlier."),
    "start_later": gettext_noop("Preview: your take {seconds} s later."),
    "start_out_of_reach": gettext_noop("There, your take and the guide have nothing in common."),
    # the desk's counts
    "counts_one": gettext_noop("Count 1 at {seconds} s: press again on another 1 to check."),
    "counts_one_alone": gettext_noop("Count 1 at {seconds} s. Now the tempo: tap T on each beat, or write it below."),
    "counts_tapped": gettext_noop(
        "{bpm} beats per minute from {taps} taps, mostly within {ms} ms. The first tap is a 1."
    ),
    "counts_tap_on": gettext_noop("Go on tapping: {more} more."),
    "counts_no_tempo": gettext_noop(
        "These taps give no tempo of 30 to 300. Wait five seconds, then begin again on a 1."
    ),
    "counts_found": gettext_noop("The tempo is the one heard in the sound. Now press 1 on a count 1."),
    "counts_eight": gettext_noop("eight {number}"),
    # history
    "history_label": gettext_noop("Your scores over time"),
    "history_point": gettext_noop("{label}: {score} on {date}"),
    # insights
    "insight_chart": gettext_noop("chart"),
    "insight_keys": gettext_noop("Arrow keys go from point to point, Home and End to the ends."),
    "insight_failed": gettext_noop("The chart could not be loaded. Its numbers are in the table."),
    "insight_no_value": gettext_noop("no value"),
    "insight_interval": gettext_noop("{value} (95%: {low} to {high})"),
    "insight_sure": gettext_noop("Clear: by the stricter tests too."),
    "insight_unsure": gettext_noop("Not clear: it may be chance."),
    "insight_waiting": gettext_noop("Being counted: {percent}%"),
    "insight_offline": gettext_noop("The connection was lost; the counting goes on. Looking again…"),
    # upload
    "upload_drop": gettext_noop("Drop your clip here, or choose it"),
    "upload_choose_other": gettext_noop("Choose another clip"),
    "upload_cancel": gettext_noop("Stop the upload"),
    "upload_retry": gettext_noop("Try again"),
    "upload_progress": gettext_noop("{percent}% sent, {left}"),
    "upload_checking": gettext_noop("All sent. Checking the clip…"),
    "upload_ready": gettext_noop("{name}, {size}"),
    "upload_ready_length": gettext_noop("{name}, {size}, {length}"),
    "upload_no_preview": gettext_noop("This browser cannot show the clip, but it can be uploaded."),
    "upload_preview": gettext_noop("Preview of your clip"),
    "upload_none": gettext_noop("Choose a clip first."),
    "upload_wrong_type": gettext_noop("This is not a video we can read. Choose an MP4, MOV or WebM clip."),
    "upload_empty": gettext_noop("This file is empty. Choose another clip."),
    "upload_too_big": gettext_noop(
        "This clip has {size}; at most {limit} can be sent. Trim it or record at a lower resolution."
    ),
    "upload_too_long": gettext_noop("This clip lasts {length}; at most {limit} can be compared. Trim it to the dance."),
    "upload_cancelled": gettext_noop("The upload was stopped. Your clip is still chosen."),
    "upload_offline": gettext_noop(
        "The connection was lost. Your clip is still chosen: try again when you are back online."
    ),
    "upload_refused": gettext_noop("The server could not take the clip just now. Try again in a moment."),
    # drill
    "drill_next": gettext_noop("{label} at {percent}%"),
    "drill_next_part": gettext_noop("Now the whole part once more"),
    "drill_loop": gettext_noop("Loop at {percent}% again"),
    "drill_go_in": gettext_noop("Goes on in {n}"),
    "drill_unseen": gettext_noop(
        "Too little of you was seen, so this round does not count. Step back until your whole body is in the picture."
    ),
    "drill_sits": gettext_noop("{points} points: this one is steady. On to the next."),
    "drill_faster": gettext_noop("{points} points, twice in a row: faster now."),
    "drill_enough": gettext_noop("{points} points. Enough of this one for today: it comes back."),
    "drill_passed": gettext_noop("{points} points: good. Once more like that."),
    "drill_not_yet": gettext_noop("{points} points: not yet. It loops again."),
    "drill_state_now": gettext_noop("now at {percent}%"),
    "drill_state_sits": gettext_noop("steady"),
    "drill_whole_part": gettext_noop("The whole part"),
    "drill_end_done": gettext_noop("Drilled"),
    "drill_end_stopped": gettext_noop("Stopped here"),
    "drill_end_eye": gettext_noop("Drilled by eye"),
    "drill_end_eye_note": gettext_noop(
        "Your minutes are counted. Dance it before the camera or send a take to see whether it is steady."
    ),
    "drill_by_eye_instead": gettext_noop("You can drill by eye meanwhile."),
    # takes that wait on this device
    "send_offline": gettext_noop(
        "The connection was lost. Your take is kept on this device: send it when you are back online."
    ),
    "send_refused": gettext_noop(
        "The server could not take this just now. Your take is kept on this device: reload the page and send it again."
    ),
    "send_sign_in": gettext_noop("You are signed out. Your take is kept on this device: sign in, then send it."),
    "unsent_label": gettext_noop("A take on this device"),
    "unsent_waits": gettext_noop("Your take of {title}, danced on {date}, waits on this device."),
    "unsent_send": gettext_noop("Send it"),
    "unsent_drop": gettext_noop("Throw it away"),
    "unsent_sure": gettext_noop("Throw this take away for good?"),
    "unsent_sending": gettext_noop("Your take is being sent…"),
    "unsent_bar": gettext_noop("How much is sent"),
    "unsent_sent": gettext_noop("It has arrived, and is being compared with the guide."),
    "unsent_open": gettext_noop("See the take"),
    # sizes and times
    "size_kb": gettext_noop("{n} kB"),
    "size_mb": gettext_noop("{n} MB"),
    "size_gb": gettext_noop("{n} GB"),
    "length_seconds": gettext_noop("{n} s"),
    "length_minutes": gettext_noop("{n} min"),
    "length_both": gettext_noop("{m} min {s} s"),
    "left_unknown": gettext_noop("working out the time left"),
    "left_moment": gettext_noop("a few seconds left"),
    "left_seconds": gettext_noop("about {n} seconds left"),
    "left_minute": gettext_noop("about a minute left"),
    "left_minutes": gettext_noop("about {n} minutes left"),
    "left_hour": gettext_noop("about an hour left"),
    "left_hours": gettext_noop("about {n} hours left"),
    # jobs
    "job_stage_queued": gettext_noop("Waiting"),
    "job_stage_checking": gettext_noop("Checking the clip"),
    "job_stage_converting": gettext_noop("Converting"),
    "job_stage_finding": gettext_noop("Finding you"),
    "job_stage_comparing": gettext_noop("Comparing"),
    "job_stage_done": gettext_noop("Done"),
    "job_title_failed": gettext_noop("This did not work out"),
    "job_title_cancelled": gettext_noop("Stopped"),
    "job_now": gettext_noop("{stage}, {percent}%"),
    "job_queue": gettext_noop("Waiting: {n} ahead of you"),
    "job_queue_next": gettext_noop("Waiting: you are next"),
    "job_queue_plain": gettext_noop("Waiting for a free place"),
    "job_rate": gettext_noop("{n} frames a second"),
    "job_again": gettext_noop("This is try number {n}: the first one was interrupted."),
    "job_done": gettext_noop("Done. Opening the result…"),
    "job_failed": gettext_noop("This did not work. Try again, or with another clip."),
    "job_cancelled": gettext_noop("Stopped. You can start again whenever you like."),
    "job_offline": gettext_noop("The connection was lost; the work goes on. Looking again…"),
    # the camera and the pose engine in the browser
    "live_error_no_camera": gettext_noop("No camera was found. Connect one and try again, or upload a clip instead."),
    "live_error_camera_denied": gettext_noop(
        "The camera is blocked for this site. Allow it beside the address, then try again."
    ),
    "live_error_camera_busy": gettext_noop("Another app or tab uses the camera. Close it, then try again."),
    "live_error_camera_lost": gettext_noop(
        "The camera stopped. Check its cable and whether another app took it, then try again."
    ),
    "live_error_insecure": gettext_noop(
        "Browsers give the camera to secure pages only. Open this page by https, or upload a clip instead."
    ),
    "live_error_no_wasm": gettext_noop(
        "This browser cannot run the pose engine. Try the newest Chrome, Edge, Firefox or Safari, or upload a clip instead."
    ),
    "live_error_engine_failed": gettext_noop(
        "The pose engine did not start. Load the page again, or upload a clip instead."
    ),
    "live_error_engine_crashed": gettext_noop(
        "The pose engine stopped twice. Load the page again; if that does not help, upload a clip instead."
    ),
    "live_error_out_of_memory": gettext_noop(
        "There is too little memory for the pose engine. Close other tabs and apps, then try again, or upload a clip instead."
    ),
    "live_error_model_missing": gettext_noop(
        "Part of the pose engine could not be loaded. Check your connection and try again."
    ),
    "live_hidden": gettext_noop("Paused: nothing is seen while this page is hidden. Come back to it to go on."),
    # dancing live
    "live_error_guide_missing": gettext_noop(
        "The guide's dance could not be loaded. Check your connection and try again."
    ),
    "live_error_stopped": gettext_noop("You stopped it before it began."),
    "live_asking": gettext_noop("Your browser asks for the camera: say yes there."),
    "live_loading": gettext_noop("Getting the pose engine ready…"),
    "live_measuring": gettext_noop("Seeing how fast this device is…"),
    "live_ready": gettext_noop("Ready."),
    "live_gate_nobody": gettext_noop("Step in front of the camera."),
    "live_gate_feet": gettext_noop("Your feet are not in the picture: step back."),
    "live_gate_legs": gettext_noop("Your legs are not in the picture: step back."),
    "live_gate_head": gettext_noop("Your head is not in the picture: tilt the camera up, or step back."),
    "live_gate_arms": gettext_noop("Your arms are not in the picture: come to the middle, or step back."),
    "live_gate_torso": gettext_noop("Your body is not all in the picture: come to the middle, or step back."),
    "live_gate_far": gettext_noop("You are far away: come a little closer."),
    "live_gate_holding": gettext_noop("Good. Stay there for a moment."),
    "live_gate_ready": gettext_noop("Here we go!"),
    "live_verdict_perfect": gettext_noop("Perfect"),
    "live_verdict_great": gettext_noop("Great"),
    "live_verdict_good": gettext_noop("Good"),
    "live_verdict_ok": gettext_noop("OK"),
    "live_verdict_miss": gettext_noop("Miss"),
    "live_verdict_none": gettext_noop("Not seen"),
    "live_streak": gettext_noop("×{n}"),
    "live_late": gettext_noop("{ms} ms late"),
    "live_early": gettext_noop("{ms} ms early"),
    "live_you": gettext_noop("You"),
    "live_guide": gettext_noop("Guide"),
    "live_total": gettext_noop("{verdict}: {n}"),
    "live_again_how": gettext_noop("Once more? Hold up your right hand, or say “again”."),
    "live_clap_listen": gettext_noop("Listen to four clicks, then clap with the next eight."),
    "live_clap_now": gettext_noop("Clap with each click."),
    "live_latency_known": gettext_noop("Camera and sound are {ms} ms apart on this device (measured {date})."),
    "live_latency_assumed": gettext_noop(
        "How far camera and sound are apart on this device is not measured yet; we take {ms} ms."
    ),
    "live_latency_found": gettext_noop("Measured: {ms} ms, give or take {spread} ms. Kept for this device."),
    "live_latency_poor": gettext_noop(
        "Only {matched} claps could be told apart clearly. Stand so that both hands are in the picture, and clap again."
    ),
    "live_try_some": gettext_noop("Your last two dances here went well. Try it with only some help."),
    "live_try_none": gettext_noop("Your last two dances here went well. Try it without help, as on a stage."),
    "live_end_done": gettext_noop("Danced!"),
    "live_end_stopped": gettext_noop("Stopped"),
    "live_end_slow": gettext_noop("Well practised. For a score, dance it at full speed."),
    "live_end_short": gettext_noop("That was under {n} seconds: too short for a score."),
    "live_end_unseen": gettext_noop(
        "Too little of you was seen to judge it. Make sure that there is light and that your whole body is in the picture."
    ),
    "live_hidden_end": gettext_noop("This page was hidden, so the dance ended there."),
    "live_sending": gettext_noop("Sending your take for the full result…"),
    "live_sent": gettext_noop("Sent. Opening the result…"),
    "live_kept": gettext_noop("Your take is kept on this device and can be sent whenever you are back online."),
    "live_not_kept": gettext_noop("Leave this page open and try again: your take is only here."),
    "live_dropped": gettext_noop("The take is thrown away. Nothing of it was kept."),
    "live_end_too_slow": gettext_noop(
        "This device found you only {n} times a second, too seldom to judge you as you dance. "
        "Close other tabs and apps, or upload a clip instead."
    ),
}


def word(key: str, **values: object) -> str:
    """One of them, for a page that says it before a script does."""
    return gettext(WORDS[key]).format(**values)


def browser_words() -> dict[str, str]:
    """The words of the active language, by the keys of the browser's modules. {names} are filled in there."""
    return {key: gettext(sentence) for key, sentence in WORDS.items()}
