# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""What body parts do, and in which phases, for the meanings of some sets; for ensembles of class texts."""

from __future__ import annotations

from typing import NamedTuple


class PartsAndPhases(NamedTuple):
    """One meaning told by the parts of the body, and by its course."""

    body_part: str
    phase: str


OF_GROUP: dict[str, PartsAndPhases] = {
    group: PartsAndPhases(*texts)
    for group, texts in {
        "bench press": (
            "the back lies flat while both arms push straight up from the chest",
            "first the hands come down to the chest, then the arms press up until they are straight",
        ),
        "bowl": (
            "one arm swings straight down past the hip while the knees bend and the trunk leans forward",
            "first the arm swings back while stepping, then it swings forward low and lets the ball go",
        ),
        "carry": (
            "both forearms are held out in front of the trunk while the legs walk",
            "first something is held before the body, then the person walks on with it",
        ),
        "clap hands": (
            "both hands meet in front of the chest while the legs stand still",
            "the hands come together, move apart, and come together again",
        ),
        "clean and jerk": (
            "the legs push up from a deep squat while the arms lift a bar to the shoulders and above the head",
            "first the bar is pulled from the floor to the shoulders, then it is driven up over the head",
        ),
        "do jumping jacks": (
            "arms and legs spread out to the sides and close together",
            "first a jump with feet apart and hands up, then a jump back with feet together and hands down",
        ),
        "do pull-ups": (
            "both hands hold on above the head and the elbows bend to raise the whole body",
            "first the body hangs from straight arms, then it is pulled up, then it is let down",
        ),
        "do push-ups": (
            "hands and feet are on the floor, the trunk is straight, and the elbows bend and stretch",
            "first the chest goes down to the floor, then the arms push it up again",
        ),
        "do sit-ups": (
            "the legs stay bent on the floor while the trunk curls up towards the knees",
            "first the back lies on the floor, then it rises to sitting, then it goes down again",
        ),
        "drop trash": (
            "one arm stretches forward and the hand opens, while the legs stand",
            "first the hand is held out, then it lets go and comes back to the body",
        ),
        "grab something high with the right hand": (
            "the right arm reaches far up above the head",
            "first the right hand goes up and takes something, then it comes down",
        ),
        "hit a tennis forehand": (
            "the trunk turns and one arm swings across the front of the body at the height of the hip",
            "first the arm is drawn back to the side, then it swings forward and ends over the other shoulder",
        ),
        "hop on both legs": (
            "both knees bend and both feet leave the floor together",
            "first the knees bend, then the body springs up, then both feet land",
        ),
        "jog in a circle to the left": (
            "the legs run slowly with bent elbows while the body leans and turns to the left",
            "step after step at a jog, the way bends to the left until it closes a circle",
        ),
        "jump rope": (
            "the wrists turn beside the hips while both feet make small jumps",
            "again and again a small jump, a landing, and the next jump",
        ),
        "kick to the front with the left leg": (
            "the left foot swings up in front while the right leg stands",
            "first the left knee rises, then the left leg stretches forward, then the foot comes back down",
        ),
        "lie down on the floor": (
            "knees and hips bend, the hands reach the floor, and the whole body ends up flat",
            "first standing, then crouching down, then lying on the floor",
        ),
        "pick up": (
            "the back and the knees bend and a hand goes down to the floor",
            "first bending down, then taking hold of something, then standing up straight with it",
        ),
        "pick up with one hand": (
            "the back and the knees bend and one hand goes down to the floor while the other hangs",
            "first bending down, then taking hold of something with one hand, then standing up straight",
        ),
        "pick up with two hands": (
            "the back and the knees bend and both hands go down to the floor together",
            "first bending down, then taking hold of something with both hands, then standing up straight",
        ),
        "pitch a baseball": (
            "one knee is lifted high, then the arm whips forward over the shoulder",
            "first a wind-up with a raised leg, then a long stride, then the ball is thrown overhand",
        ),
        "play the guitar": (
            "one hand moves up and down before the belly while the other is held out at the side",
            "the hand strokes down over the strings and comes up again, over and over",
        ),
        "pull": (
            "the hands close in front and the elbows bend back towards the trunk",
            "first the arms are stretched forward, then they draw something towards the body",
        ),
        "push": (
            "both arms stretch forward from the chest",
            "first the hands are close to the chest, then they are thrust forward",
        ),
        "put down on the floor with the right hand": (
            "the trunk and the knees bend and the right hand goes down to the floor",
            "first bending down, then the right hand leaves something on the floor, then standing up",
        ),
        "put on a jacket": (
            "one arm after the other goes into a sleeve while the shoulders turn",
            "first the jacket is swung behind the back, then the arms slip in, then it is pulled to the front",
        ),
        "raise both hands": (
            "both arms go up above the head while the legs stand still",
            "first the arms hang, then both hands rise and stay up",
        ),
        "raise the left hand": (
            "the left arm goes up above the head while the right arm hangs",
            "first the arms hang, then the left hand rises and stays up",
        ),
        "raise the right hand": (
            "the right arm goes up above the head while the left arm hangs",
            "first the arms hang, then the right hand rises and stays up",
        ),
        "rotate both arms backwards": (
            "both straight arms turn in large circles about the shoulders, backwards",
            "the arms go up in front, over the head, down behind, and round again",
        ),
        "run": (
            "the knees drive forward fast and the bent arms pump",
            "one foot pushes off, both are in the air, and the other foot lands, again and again",
        ),
        "serve in tennis": (
            "one arm tosses up a ball and the other swings down from above the head",
            "first both arms rise, then the back bends, then the arm strikes high and follows through",
        ),
        "sit down": (
            "hips and knees bend until the thighs are level",
            "first standing, then the hips go down and back, then sitting still",
        ),
        "sneak": (
            "the knees are bent and lifted slowly and the back is crouched",
            "a foot is raised with care, put down softly, and then the other",
        ),
        "squat": (
            "hips and knees bend deeply while the back stays upright",
            "first standing, then the hips go down low, then the legs stretch again",
        ),
        "stand up": (
            "hips and knees stretch and the trunk rises",
            "first sitting, then leaning forward, then standing upright",
        ),
        "swing a baseball bat": (
            "both hands together swing level across the body while the hips turn",
            "first both hands wait behind the shoulder, then a step, then a fast level swing",
        ),
        "swing a golf club": (
            "both straight arms swing together past the knees while the trunk turns",
            "first both hands are drawn back over the shoulder, then they swing down and through to the other side",
        ),
        "take off a jacket": (
            "the shoulders shrug and one arm after the other is drawn out of a sleeve",
            "first the jacket is opened and pushed off the shoulders, then the arms come out behind the back",
        ),
        "throw": (
            "one arm swings from behind the head to the front",
            "first the arm is drawn back, then it is flung forward and lets go",
        ),
        "throw a basketball": (
            "both hands push up and forward from the chest while the knees stretch",
            "first the knees bend with the ball at the chest, then the arms stretch and let it fly",
        ),
        "touch elbow to knee starting with the left elbow": (
            "an elbow goes down across the body to the opposite knee, which is lifted",
            "first the left elbow meets the right knee, then the right elbow meets the left knee",
        ),
        "walk": (
            "the legs step in turn and the arms swing lightly at the sides",
            "one foot goes forward, the weight moves over it, and the other foot follows",
        ),
        "walk and turn left": (
            "the legs step in turn while trunk and hips turn to the left",
            "first walking straight on, then turning to the left, then walking on",
        ),
        "walk and turn right": (
            "the legs step in turn while trunk and hips turn to the right",
            "first walking straight on, then turning to the right, then walking on",
        ),
        "wave both hands": (
            "both hands are up and move from side to side while the legs stand still",
            "first both hands rise, then they swing to and fro",
        ),
        "wave the left hand": (
            "the left hand is up and moves from side to side while the right arm hangs",
            "first the left hand rises, then it swings to and fro",
        ),
        "wave the right hand": (
            "the right hand is up and moves from side to side while the left arm hangs",
            "first the right hand rises, then it swings to and fro",
        ),
    }.items()
}

__all__ = ["OF_GROUP", "PartsAndPhases"]
