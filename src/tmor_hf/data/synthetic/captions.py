# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""How people say what the synthetic body does.

Each action has a class phrase and at least eight verb phrases. Slots name the acting side: `{hand}`, `{arm}`, `{leg}`,
`{foot}`, `{knee}`, `{shoulder}` and `{way}` (a direction). A caption names the side, the speed and the
amplitude only sometimes, as people do; what it does name is true.
"""

from __future__ import annotations

import re

from .controls import Dice

SUBJECTS = (
    "a person", "a person", "a person", "someone", "the person", "a man", "a woman", "a human", "the figure",
    "this person", "the subject",
)  # fmt: skip
SLOW = ("slowly", "in slow motion", "at a slow pace", "calmly", "unhurriedly")
QUICK = ("quickly", "at a fast pace", "swiftly", "in a hurry", "rapidly")
SMALL = ("slightly", "a little", "with a small movement")
LARGE = ("with a large movement", "vigorously", "energetically")

_STILL = {"stand", "sit_still", "fold_arms", "use_phone", "phone_call"}  # neither quick nor large
_SIZED = {
    "jumping_jacks",
    "jump",
    "hop_both_legs",
    "hop_one_leg",
    "bow",
    "lunge",
    "wave",
    "wave_both",
    "clap",
    "throw",
    "kick",
    "punch",
    "strum_guitar",
}

_UNTOLD = {
    "hand": "one hand", "arm": "one arm", "leg": "one leg", "foot": "one foot", "knee": "one knee",
    "shoulder": "one shoulder", "way": "to one side",
}  # fmt: skip

GERUNDS: dict[str, str] = {
    "stand": "standing still",
    "walk": "walking",
    "walk_turn": "walking and turning {way}",
    "walk_circle": "walking in a circle {way}",
    "walk_backwards": "walking backwards",
    "side_step": "stepping sideways {way}",
    "run": "running",
    "jog_circle": "jogging in a circle {way}",
    "jog_in_place": "jogging in place",
    "sneak": "sneaking",
    "limp": "limping with {leg}",
    "march": "marching",
    "turn_around": "turning around {way}",
    "hop_both_legs": "hopping on both legs",
    "hop_one_leg": "hopping on {leg}",
    "jump_rope": "jumping rope",
    "jumping_jacks": "doing jumping jacks",
    "jump": "jumping",
    "sit_down": "sitting down",
    "stand_up": "standing up",
    "sit_still": "sitting",
    "squat": "doing squats",
    "lunge": "doing a lunge with {leg}",
    "bow": "bowing",
    "pick_up_one_hand": "picking something up with {hand}",
    "pick_up_two_hands": "picking something up with both hands",
    "put_down": "putting something down on the floor",
    "crouch": "crouching",
    "kneel": "kneeling down on {knee}",
    "lie_down": "lying down on the floor",
    "get_up": "getting up from the floor",
    "sit_up": "doing sit-ups",
    "push_up": "doing push-ups",
    "pull_up": "doing pull-ups",
    "bench_press": "doing a bench press",
    "elbow_to_knee": "bringing the elbow to the opposite knee",
    "stretch": "stretching",
    "touch_toes": "touching the toes",
    "wave": "waving {hand}",
    "wave_both": "waving both hands",
    "raise_one": "raising {hand}",
    "raise_both": "raising both hands",
    "clap": "clapping hands",
    "point": "pointing with {hand}",
    "drink": "drinking with {hand}",
    "phone_call": "talking on the phone held in {hand}",
    "check_watch": "checking the watch on {arm}",
    "fold_arms": "folding the arms",
    "scratch_head": "scratching the head with {hand}",
    "use_phone": "looking at a phone",
    "rotate_arms": "rotating both arms",
    "push": "pushing something",
    "pull": "pulling something",
    "grab_high": "reaching up high with {hand}",
    "carry": "carrying something",
    "drop_into_bin": "dropping something into a bin with {hand}",
    "put_on_jacket": "putting on a jacket",
    "take_off_jacket": "taking off a jacket",
    "throw": "throwing with {hand}",
    "throw_basketball": "throwing a basketball",
    "bowl": "bowling with {hand}",
    "baseball_pitch": "pitching a baseball with {hand}",
    "baseball_swing": "swinging a baseball bat",
    "golf_swing": "swinging a golf club",
    "tennis_forehand": "hitting a tennis forehand with {hand}",
    "tennis_serve": "serving a tennis ball with {hand}",
    "clean_and_jerk": "lifting a barbell overhead, clean and jerk",
    "strum_guitar": "strumming a guitar",
    "kick": "kicking with {leg}",
    "punch": "punching with {hand}",
    "slash": "slashing with a stick",
}

VARIANTS = {
    "one hand": " with one hand", "both hands": " with both hands", "two hands": " with both hands",
    "shoulder": " on the shoulder", "forwards": " forwards", "backwards": " backwards",
}  # fmt: skip

_PHRASES = """
stand: stands still | is standing | stands in place | just stands there | waits while standing | stands around doing
    nothing | stays upright without moving | remains standing | stands idle | stands and looks around
walk: walks | is walking | walks forward | takes several steps | walks along | goes for a walk | strolls | walks at
    an even pace | moves forward on foot | steps forward | walks across the room
walk_turn: walks and turns {way} | takes a turn {way} while walking | turns {way} as they walk | walks, then turns
    {way} | walks around a corner {way} | changes direction {way} while walking | walks forward and bends off {way}
    | walks and makes a turn {way}
walk_circle: walks in a circle {way} | walks around in a circle {way} | walks along a curve {way} | circles {way} on
    foot | walks round and round {way} | is walking in circles {way} | walks a loop {way} | keeps turning {way}
    while walking in a circle
walk_backwards: walks backwards | steps backward | walks back | is walking backwards | moves back step by step |
    backs away on foot | retreats walking backwards | takes steps backwards
side_step: steps sideways {way} | side-steps {way} | moves sideways {way} | shuffles {way} | walks sideways {way} |
    takes side steps {way} | goes sideways {way} step by step | shifts {way} with side steps
run: runs | is running | runs forward | jogs | sprints forward | runs straight ahead | goes for a run | runs along |
    jogs forward
jog_circle: jogs in a circle {way} | runs in a circle {way} | runs around in circles {way} | jogs along a curve
    {way} | is jogging a circle {way} | runs a loop {way} | jogs round and round {way} | circles {way} at a jog
jog_in_place: jogs in place | runs on the spot | runs in place | is jogging on the spot | runs without moving
    forward | jogs on the same spot | does running steps in place | warms up by jogging in place
sneak: sneaks | is sneaking | creeps forward | tiptoes along | walks stealthily | sneaks along with bent knees |
    prowls | moves quietly and crouched | tiptoes like a burglar
limp: limps with {leg} | walks with a limp, {leg} hurts | hobbles, dragging {leg} | limps along on a bad leg | is
    limping | walks while sparing {leg} | hobbles along | drags {leg} while walking
march: marches | is marching | marches lifting the knees high | walks with high knees | marches like a soldier |
    steps with raised knees | does a parade step | marches with swinging arms
turn_around: turns around {way} | turns around | turns about {way} | rotates on the spot {way} | turns the body
    around {way} | does an about-turn {way} | faces the other way, turning {way} | spins around {way} on the spot
hop_both_legs: hops on both legs | hops with both feet | jumps up and down on both legs | bounces on both legs | is
    hopping with the feet together | does little jumps with both feet | hops like a rabbit | hops several times on
    two legs
hop_one_leg: hops on {leg} | jumps on {leg} | is hopping on {leg} | bounces on {leg} | hops on {foot} | hops several
    times on {leg} | jumps up and down on {foot} | balances and hops on {leg}
jump_rope: jumps rope | skips rope | is jumping rope | does rope skipping | skips with a jump rope | jumps over a
    swinging rope | exercises with a skipping rope | swings a rope and jumps over it
jumping_jacks: does jumping jacks | performs jumping jacks | is doing jumping jacks | does star jumps | jumps while
    spreading arms and legs | does side-straddle hops | exercises with jumping jacks | jumps, opening and closing
    arms and legs
jump: jumps | takes a jump | jumps into the air | leaps | does one jump | bends the knees and jumps | jumps with
    both feet | makes a leap into the air
sit_down: sits down | sits down on a chair | takes a seat | is sitting down | lowers themselves onto a chair | goes
    from standing to sitting | sits down on a stool | seats themselves | settles onto a seat
stand_up: stands up | stands up from a chair | gets up from a chair | rises from a seat | is standing up | goes from
    sitting to standing | gets to their feet | rises to standing | gets up from sitting
sit_still: sits | is sitting on a chair | sits still | remains seated | sits on a stool | is seated | stays sitting
    | sits and looks around
squat: squats | does squats | performs a squat | squats down and comes up again | bends the knees deeply and rises |
    is doing squats | lowers the hips and stands up again | does knee bends | exercises with squats
lunge: does a lunge with {leg} | lunges forward with {leg} | steps into a lunge with {leg} | performs lunges |
    lunges | takes a deep step forward with {leg} | does a forward lunge with {leg} | steps forward with {leg} and
    lowers the hips
bow: bows | takes a bow | bows forward | bends forward politely | is bowing | bows to greet someone | makes a deep
    bow | bends the upper body in a bow
pick_up_one_hand: picks something up with {hand} | picks up an object from the floor with {hand} | picks something
    up from the ground with {hand} | lifts a small object off the floor with {hand} | reaches down and picks
    something up with {hand} | grabs something from the floor with {hand} | bends down to pick something up with
    {hand} | collects something from the floor using {hand} | stoops and takes something off the floor with {hand}
pick_up_two_hands: picks something up with both hands | picks up a box from the floor with both hands | lifts a
    large object from the ground with two hands | lifts something off the floor using both hands | picks up an
    object with two hands | reaches down with both hands and lifts something | grabs a box from the floor with both
    hands | lifts a box | bends down and picks something up with both hands
put_down: puts something down on the floor | places an object on the floor | sets something down | lays an object on
    the ground | deposits something on the floor | puts an object down on the ground | lowers an object to the floor
    | bends down and leaves something on the floor
crouch: crouches | crouches down | ducks down | squats down low and stays there | is crouching | goes into a crouch
    | cowers close to the floor | hunkers down
kneel: kneels down on {knee} | goes down on {knee} | kneels | drops to {knee} | is kneeling down | gets down on
    {knee} | takes a knee | lowers themselves onto {knee}
lie_down: lies down on the floor | lies down | lies down on their back | gets down and lies on the floor | is lying
    down | goes from standing to lying | stretches out on the floor | lowers themselves to lie on the ground
get_up: gets up from the floor | stands up from lying on the floor | rises from the floor | gets up off the ground |
    goes from lying to standing | is getting up from the floor | gets to their feet from the ground | rises after
    lying on their back
sit_up: does sit-ups | does a sit-up | performs sit-ups on the floor | is doing sit-ups | does crunches | lies on
    their back and sits up | trains the abs with sit-ups | raises the upper body from lying on the back
push_up: does push-ups | does a push-up | performs push-ups | is doing push-ups | does press-ups on the floor |
    lowers and raises the body with the arms | exercises with push-ups | pushes the body up from the floor
pull_up: does pull-ups | does a pull-up | performs pull-ups on a bar | is doing chin-ups | hangs from a bar and
    pulls up | pulls the body up to a bar | exercises with pull-ups | lifts the body up while hanging from a bar
bench_press: does a bench press | bench presses | lies on a bench and presses a barbell | pushes a barbell up from
    the chest while lying | is bench pressing | lifts weights lying on a bench | does bench press repetitions |
    presses a weight upward lying on the back
elbow_to_knee: brings the elbow to the opposite knee | touches the knee with the opposite elbow | does elbow-to-knee
    crunches while standing | moves elbow and knee together | lifts a knee to meet the elbow | does standing
    crunches, elbow to knee | raises {knee} towards the opposite elbow | twists to bring elbow and knee together
stretch: stretches | stretches the body | stretches the arms | is stretching | has a good stretch | reaches out to
    stretch | stretches after sitting for long | stretches the upper body
touch_toes: touches the toes | bends down to touch the toes | reaches for the feet with both hands | stretches down
    to the toes | bends forward to reach the toes | bends over with straight legs | does a toe touch | is touching
    their toes
wave: waves {hand} | waves with {hand} | is waving {hand} | waves goodbye with {hand} | greets someone by waving
    {hand} | says hello with a wave of {hand} | lifts {hand} and waves | waves at someone with {hand} | gives a wave
    with {hand}
wave_both: waves both hands | waves with both hands | is waving with both arms | waves both arms | waves goodbye
    with both hands | greets someone by waving both hands | lifts both hands and waves | waves two hands to get
    attention
raise_one: raises {hand} | raises {arm} | lifts {hand} up | puts {hand} up | holds up {hand} | is raising {arm} |
    lifts {arm} above the head | puts up {hand} as if to ask something
raise_both: raises both hands | raises both arms | lifts both hands up | puts both hands up | throws both arms up |
    is raising both arms | lifts both arms above the head | holds both hands up high
clap: claps | claps hands | claps their hands | is clapping | applauds | gives applause | claps both hands together
    | beats the hands together
point: points with {hand} | points at something with {hand} | is pointing | stretches out {arm} to point | points a
    finger of {hand} | shows a direction with {hand} | indicates something with {hand} | points somewhere with {arm}
drink: drinks with {hand} | drinks from a cup in {hand} | takes a sip | takes a drink with {hand} | lifts a glass to
    the mouth with {hand} | is drinking | drinks water from a bottle in {hand} | brings a cup to the mouth and
    drinks
phone_call: talks on the phone | makes a phone call with {hand} | holds a phone to the ear with {hand} | is on the
    phone | answers a phone call | speaks on the phone held in {hand} | takes a call with {hand} | phones someone
check_watch: checks the watch on {arm} | looks at the watch | checks the time | looks at a wrist watch on {arm} |
    raises {arm} to read the time | is checking the watch | glances at the watch on {arm} | looks at {arm} to see
    what time it is
fold_arms: folds the arms | crosses the arms | crosses the arms over the chest | folds both arms in front of the
    chest | is standing with folded arms | stands with arms crossed | puts the arms across the chest | folds their
    arms and waits
scratch_head: scratches the head with {hand} | scratches their head | touches the head with {hand} | is scratching
    the head | rubs the head with {hand} | puts {hand} to the head and scratches | scratches the hair with {hand} |
    lifts {hand} and scratches the head
use_phone: looks at a phone | uses a smartphone | types on a phone | reads something on a phone | is texting | plays
    with a phone in {hand} | looks down at a mobile phone | taps on a mobile phone
rotate_arms: rotates both arms | circles both arms | swings both arms in circles | does arm circles | turns the arms
    like a windmill | is circling the arms | makes big circles with both arms | whirls both arms around
push: pushes | pushes something | pushes something away | pushes forward | is pushing something away from the body |
    shoves something forward | gives a push | extends the arms to push
pull: pulls | pulls something | pulls something towards the body | draws something near | is pulling something |
    tugs at something | gives a pull | pulls something back
grab_high: reaches up high with {hand} | grabs something high up with {hand} | takes something from a high shelf
    with {hand} | reaches for the top shelf with {hand} | stretches {arm} up to grab something | gets something down
    from above with {hand} | grasps something overhead with {hand} | reaches above the head with {hand} to get
    something
carry: carries something | carries an object | walks while carrying something | carries something around | is
    carrying something | walks with something in the hands | transports an object on foot | bears a load while
    walking
drop_into_bin: drops something into a bin with {hand} | throws something into a trash can with {hand} | drops trash
    | throws away rubbish | puts something into the trash with {hand} | discards something with {hand} | lets go of
    something over a bin | disposes of trash in a waste bin | drops a piece of trash with {hand}
put_on_jacket: puts on a jacket | puts on a coat | dresses | gets dressed | slips into a jacket | pulls on a sweater
    | dons a jacket | puts the arms into the sleeves of a jacket | is putting clothes on
take_off_jacket: takes off a jacket | takes off a coat | undresses | removes a jacket | slips out of a jacket |
    pulls off a sweater | doffs a jacket | draws the arms out of the sleeves of a jacket | is taking clothes off
throw: throws with {hand} | throws something with {hand} | throws a ball with {hand} | hurls something with {hand} |
    is throwing something | tosses something away with {hand} | flings an object with {hand} | makes a throw with
    {hand}
throw_basketball: throws a basketball | shoots a basketball | throws a ball with both hands | shoots at the basket |
    takes a jump shot | makes a two-handed throw | is throwing a basketball | throws a ball to the hoop
bowl: bowls with {hand} | bowls | rolls a bowling ball with {hand} | throws a bowling ball | is bowling | releases a
    bowling ball with {hand} | swings {arm} and bowls | plays a bowling shot with {hand}
baseball_pitch: pitches a baseball with {hand} | pitches a ball | throws a pitch with {hand} | winds up and pitches
    | is pitching a baseball | makes a baseball pitch with {hand} | lifts {leg_other} and pitches the ball |
    delivers a pitch with {hand}
baseball_swing: swings a baseball bat | swings a bat | hits a baseball | bats a ball | is batting in baseball |
    takes a swing with a bat | swings at a pitch | strikes a ball with a baseball bat
golf_swing: swings a golf club | makes a golf swing | hits a golf ball | tees off | is playing golf | plays a golf
    shot | drives a golf ball | takes a full swing with a golf club
tennis_forehand: hits a tennis forehand with {hand} | hits a forehand | plays a forehand stroke with {hand} | swings
    a tennis racket from the side | is hitting a forehand in tennis | returns a tennis ball with a forehand | plays
    tennis with {hand} | strikes a tennis ball with {hand}
tennis_serve: serves a tennis ball with {hand} | serves in tennis | hits a tennis serve with {hand} | makes a serve
    | tosses a ball up and serves it | is serving in tennis | performs an overhead tennis serve with {hand} | hits a
    ball overhead with a racket
clean_and_jerk: lifts a barbell overhead, clean and jerk | does a clean and jerk | performs a clean and jerk | lifts
    a barbell from the floor to overhead | is doing Olympic weightlifting | cleans and jerks a barbell | raises a
    heavy weight above the head | weightlifts a barbell to the shoulders and overhead
strum_guitar: strums a guitar | plays the guitar | is playing guitar | strums the strings with {hand} | plays chords
    on a guitar | plays air guitar | picks a guitar with {hand} | makes music on a guitar
kick: kicks with {leg} | kicks with {foot} | kicks forward with {leg} | kicks a ball with {foot} | is kicking |
    gives a kick with {leg} | swings {leg} up in a kick | delivers a front kick with {leg}
punch: punches with {hand} | throws a punch with {hand} | punches forward | boxes | is punching | strikes with the
    fist of {hand} | hits out with {hand} | delivers a straight punch with {hand}
slash: slashes with a stick | swings a sword | slashes with a sword | strikes down with a stick | is slashing |
    makes a cut with a sword | swings a stick downwards | deals a blow with a sword
"""
PHRASES: dict[str, tuple[str, ...]] = {
    name: tuple(" ".join(phrase.split()) for phrase in text.split("|"))
    for name, text in (entry.split(":", 1) for entry in re.split(r"\n(?=\S)", _PHRASES.strip()))
}


def _slots(side: str | None, told: bool) -> dict[str, str]:
    if side is None or not told:
        return {**_UNTOLD, "leg_other": "the front leg"}
    slots = {part: f"the {side} {part}" for part in ("hand", "arm", "leg", "foot", "knee", "shoulder")}
    return {**slots, "way": f"to the {side}", "leg_other": f"the {'right' if side == 'left' else 'left'} leg"}


def class_phrase(action: str, side: str | None, variant: str = "") -> str:
    """The action as a short gerund, such as "waving the left hand"; `variant` is the group's suffix, if any."""
    return GERUNDS[action].format_map(_slots(side, side is not None)) + VARIANTS.get(variant.strip(), "")


def _remark(dice: Dice, action: str, tempo: float, size: float) -> str:
    """A word on speed or amplitude, or none; only a clear deviation is worth a word."""
    if action in _STILL:
        return ""
    if tempo > 1.3 and dice.chance(0.6):
        return dice.pick(SLOW)
    if tempo < 0.78 and dice.chance(0.6):
        return dice.pick(QUICK)
    if action in _SIZED and size < 0.75 and dice.chance(0.4):
        return dice.pick(SMALL)
    if action in _SIZED and size > 1.2 and dice.chance(0.3):
        return dice.pick(LARGE)
    return ""


def caption(
    dice: Dice, action: str, side: str | None, tempo: float = 1.0, size: float = 1.0, details: tuple[str, ...] = ()
) -> str:
    """Phrases one caption.

    Args:
        dice: source of randomness.
        action: action name.
        side: "left" or "right" where the action has a side, else None.
        tempo: factor on durations, above 1 is slow.
        size: factor on amplitudes.
        details: true remarks about how it is done; at most one is used.
    """
    text = dice.pick(PHRASES[action]).format_map(_slots(side, dice.chance(0.7)))
    if details and dice.chance(0.45):
        text += " " + details[0]
    remark = _remark(dice, action, tempo, size)
    if remark.endswith("ly") and dice.chance(0.4) and not text.startswith(("is ", "just ")):
        text = f"{remark} {text}"
    elif remark:
        text = f"{text}, {remark}" if "," in text else f"{text} {remark}"
    return f"{dice.pick(SUBJECTS)} {text}"
