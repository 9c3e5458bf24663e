# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Captions of the classes A61 to A120 of NTU RGB+D 120, by their official names."""

from __future__ import annotations

from .class_text import ClassText, done_by_one, done_to_another, done_together

CLASSES: dict[str, ClassText] = {
    "put on headphone": done_by_one(
        "putting on headphones", "a person puts on headphones", "both hands bring headphones to the ears",
        "setting a headset on the head", "put your headphones on", "someone lifts a headset over the head and lets go",
    ),
    "take off headphone": done_by_one(
        "taking off headphones", "a person takes off headphones", "the hands lift headphones away from the ears",
        "removing a headset", "take your headphones off", "someone brings a headset down from the head",
    ),
    "shoot at the basket": done_by_one(
        "shooting at the basket", "a person shoots a basketball at the basket",
        "both hands push a ball up and away from the head", "a basketball shot", "shoot the ball at the hoop",
        "someone stretches the arms up to throw a ball into the hoop", group="throw a basketball",
    ),
    "bounce ball": done_by_one(
        "bouncing a ball", "a person bounces a ball", "a hand pushes a ball to the floor again and again",
        "dribbling a ball on the spot", "bounce the ball", "someone pats a ball down at hip height",
    ),
    "tennis bat swing": done_by_one(
        "swinging a tennis racket", "a person swings a tennis racket", "an arm swings a racket across the body",
        "hitting a ball with a racket", "swing the racket", "someone turns the trunk to strike with a racket",
    ),
    "juggling table tennis balls": done_by_one(
        "juggling a table tennis ball", "a person juggles a ball on a bat",
        "a ball bounces on a small bat held level", "keeping a ball in the air with a table tennis bat",
        "keep the ball bouncing on the bat", "someone makes small upward strokes under a ball",
    ),
    "hush (quite)": done_by_one(
        "hushing", "a person asks for silence", "a finger is held to the lips", "telling others to be quiet",
        "put a finger on your lips", "someone raises one finger before the mouth",
    ),
    "flick hair": done_by_one(
        "flicking the hair", "a person flicks their hair", "a hand throws the hair back", "tossing hair off the face",
        "flick your hair", "someone strokes the hair away with a quick move",
    ),
    "thumb up": done_by_one(
        "giving a thumbs up", "a person gives a thumbs up", "a fist is held out with the thumb upwards",
        "showing approval with the thumb", "put your thumb up", "someone raises a thumb in praise",
    ),
    "thumb down": done_by_one(
        "giving a thumbs down", "a person gives a thumbs down", "a fist is held out with the thumb downwards",
        "showing disapproval with the thumb", "put your thumb down", "someone lowers a thumb in dislike",
    ),
    "make ok sign": done_by_one(
        "making an OK sign", "a person makes an OK sign", "thumb and forefinger form a ring on a raised hand",
        "saying OK with the fingers", "show the OK sign", "someone holds up a ring of two fingers",
    ),
    "make victory sign": done_by_one(
        "making a victory sign", "a person makes a victory sign", "two fingers of a raised hand form a V",
        "showing a V with the fingers", "show the victory sign", "someone holds up two spread fingers",
    ),
    "staple book": done_by_one(
        "stapling a book", "a person staples papers", "a hand presses a stapler onto a stack of sheets",
        "fastening pages with a stapler", "staple the pages", "someone pushes down on a stapler at table height",
    ),
    "counting money": done_by_one(
        "counting money", "a person counts money", "fingers move banknotes from one hand to the other",
        "leafing through a wad of notes", "count the notes", "someone thumbs through cash before the chest",
    ),
    "cutting nails": done_by_one(
        "cutting nails", "a person cuts their nails", "one hand works with clippers at the fingers of the other",
        "trimming the fingernails", "cut your nails", "someone bends over the fingers with nail clippers",
    ),
    "cutting paper (using scissors)": done_by_one(
        "cutting paper with scissors", "a person cuts paper with scissors",
        "scissors open and close along a sheet held in the other hand", "snipping a sheet",
        "cut the paper", "someone cuts through a page",
    ),
    "snapping fingers": done_by_one(
        "snapping the fingers", "a person snaps their fingers", "thumb and middle finger click on a raised hand",
        "a snap of the fingers", "snap your fingers", "someone clicks the fingers",
    ),
    "open bottle": done_by_one(
        "opening a bottle", "a person opens a bottle", "one hand holds a bottle while the other twists its cap",
        "unscrewing a bottle", "open the bottle", "someone turns a cap off a bottle",
    ),
    "sniff (smell)": done_by_one(
        "sniffing something", "a person smells something", "a hand holds an item under the nose",
        "smelling at a thing", "smell it", "someone leans the nose towards an object to sniff",
    ),
    "squat down": done_by_one(
        "squatting down", "a person squats down", "the knees bend until the hips are close to the heels",
        "going down into a squat", "squat down low", "someone crouches with bent knees", group="squat",
    ),
    "toss a coin": done_by_one(
        "tossing a coin", "a person tosses a coin", "a thumb flips a coin up and the hand catches it",
        "flipping a coin", "toss the coin", "someone flicks a small thing into the air with the thumb",
    ),
    "fold paper": done_by_one(
        "folding paper", "a person folds paper", "both hands lay one half of a sheet on the other",
        "making a fold in a sheet", "fold the sheet", "someone creases a page with the fingers",
    ),
    "ball up paper": done_by_one(
        "crumpling paper into a ball", "a person balls up paper", "both hands squeeze a sheet into a ball",
        "crushing a sheet in the hands", "crumple the sheet", "someone presses a page together between the palms",
    ),
    "play magic cube": done_by_one(
        "playing with a magic cube", "a person plays with a magic cube", "both hands twist the layers of a cube",
        "solving a puzzle cube", "turn the cube", "someone turns a small cube over and over in the fingers",
    ),
    "apply cream on face": done_by_one(
        "applying cream to the face", "a person applies cream to the face", "the hands spread cream over the cheeks",
        "rubbing lotion into the face", "put cream on your face", "someone strokes the face with creamy fingers",
    ),
    "apply cream on hand back": done_by_one(
        "applying cream to the back of the hand", "a person applies cream to the back of a hand",
        "one hand spreads cream on the other", "rubbing lotion into the hands", "put cream on your hands",
        "someone strokes hand over hand with lotion",
    ),
    "put on bag": done_by_one(
        "putting on a bag", "a person puts on a bag", "a strap is swung over the shoulder", "shouldering a backpack",
        "put your bag on", "the arms slip through the straps of a bag",
    ),
    "take off bag": done_by_one(
        "taking off a bag", "a person takes off a bag", "a strap is lifted off the shoulder",
        "slipping out of a backpack", "take your bag off", "the arms come out of the straps of a bag",
    ),
    "put something into a bag": done_by_one(
        "putting something into a bag", "a person puts something into a bag", "a hand lowers an item into an open bag",
        "packing a bag", "put it in the bag", "someone stows a thing away in a bag",
    ),
    "take something out of a bag": done_by_one(
        "taking something out of a bag", "a person takes something out of a bag",
        "a hand lifts an item from an open bag",
        "unpacking a bag", "take it out of the bag", "someone pulls a thing from inside a bag",
    ),
    "open a box": done_by_one(
        "opening a box", "a person opens a box", "the hands fold back the lid of a box", "lifting the lid off a box",
        "open the box", "someone undoes a carton",
    ),
    "move heavy objects": done_by_one(
        "moving a heavy object", "a person moves a heavy object", "both arms lift and shift a heavy load",
        "dragging something heavy", "move the heavy box", "someone bends down and heaves a load elsewhere",
    ),
    "shake fist": done_by_one(
        "shaking a fist", "a person shakes a fist", "a raised fist moves to and fro in anger",
        "threatening with the fist", "shake your fist", "someone brandishes a closed hand",
    ),
    "throw up cap/hat": done_by_one(
        "throwing up a hat", "a person throws a hat into the air", "a cap flies up from a raised arm",
        "tossing a hat upwards to celebrate", "throw your cap up", "someone hurls headwear towards the sky",
    ),
    "hands up (both hands)": done_by_one(
        "putting both hands up", "a person raises both hands", "both arms go up to surrender", "hands up",
        "put both hands up", "someone holds both palms up beside the head", group="raise both hands",
    ),
    "cross arms": done_by_one(
        "crossing the arms", "a person crosses their arms", "the arms are folded in front of the chest",
        "standing with folded arms", "cross your arms", "someone tucks each hand under the other arm",
    ),
    "arm circles": done_by_one(
        "making arm circles", "a person makes arm circles", "stretched arms go round and round at the shoulders",
        "circling the arms as an exercise", "circle your arms", "someone whirls the straight arms",
    ),
    "arm swings": done_by_one(
        "swinging the arms", "a person swings their arms", "the arms swing open and closed before the chest",
        "swinging both arms as a warm-up", "swing your arms", "someone lets the arms sway to and fro",
    ),
    "running on the spot": done_by_one(
        "running on the spot", "a person runs on the spot", "the knees go up in turn without getting anywhere",
        "jogging in place", "run in place", "someone runs but stays where they are",
    ),
    "butt kicks (kick backward)": done_by_one(
        "doing butt kicks", "a person does butt kicks", "the heels swing back up to the buttocks in turn",
        "kicking the heels backward", "kick your heels to your bottom", "someone jogs with the heels flying up behind",
    ),
    "cross toe touch": done_by_one(
        "doing cross toe touches", "a person does cross toe touches", "bending to touch a toe with the opposite hand",
        "touching the toes crosswise", "touch your toes crosswise",
        "someone bends and reaches for the opposite foot in turn",
    ),
    "side kick": done_by_one(
        "kicking to the side", "a person kicks to the side", "a leg is thrust out sideways", "a side kick",
        "kick sideways", "someone lifts a knee and strikes out sideways with the foot",
    ),
    "yawn": done_by_one(
        "yawning", "a person yawns", "a hand covers the wide open mouth", "being tired and yawning",
        "yawn with a hand before the mouth", "someone leans the head back in a yawn",
    ),
    "stretch oneself": done_by_one(
        "stretching oneself", "a person stretches", "the arms reach up and the whole body lengthens",
        "stretching after a rest", "stretch your body", "someone stretches both arms and arches the back",
    ),
    "blow nose": done_by_one(
        "blowing the nose", "a person blows their nose", "both hands hold a tissue to the nose",
        "using a handkerchief", "blow your nose", "someone bends the head into a tissue",
    ),
    "hit other person with something": done_to_another(
        "hitting another person with something", "one person hits another with an object",
        "an object in the hand strikes the other", "beating somebody with a thing",
        "two people, and one strikes the other with an object", "someone is struck by what the person in front holds",
    ),
    "wield knife towards other person": done_to_another(
        "wielding a knife at another person", "one person attacks another with a knife",
        "a hand thrusts a knife towards the other", "threatening somebody with a knife",
        "two people, and one wields a knife", "someone is attacked with a blade",
    ),
    "knock over other person (hit with body)": done_to_another(
        "knocking over another person", "one person knocks another over with the body",
        "a body bumps into the other and makes them stumble", "running into somebody with the shoulder",
        "two people, and one rams the other", "someone is pushed off balance by a body",
    ),
    "grab other person’s stuff": done_to_another(
        "grabbing another person's things", "one person grabs another's things",
        "a hand snatches an item from the other", "robbing somebody of what they hold",
        "two people, and one snatches something away", "someone has a thing torn from the hands",
    ),
    "shoot at other person with a gun": done_to_another(
        "shooting at another person with a gun", "one person shoots at another with a gun",
        "a stretched arm aims a gun at the other", "aiming a pistol at somebody",
        "two people, and one aims a gun", "someone is shot at by the person in front",
    ),
    "step on foot": done_to_another(
        "stepping on another person's foot", "one person steps on another's foot",
        "a foot comes down on the other's toes", "treading on somebody's foot",
        "two people, and one treads on the other's toes", "someone gets their toes stepped on",
    ),
    "high-five": done_together(
        "giving a high five", "two people give each other a high five", "two raised hands slap together in the air",
        "a high five", "clap hands high up with your friend", "each lifts a hand to hit the other's palm",
        "palms of two people meet above the shoulders",
    ),
    "cheers and drink": done_together(
        "clinking glasses and drinking", "two people clink glasses and drink", "two cups touch and are then emptied",
        "a toast", "say cheers and drink with somebody", "each raises a glass to the other",
        "arms with cups meet, then go to the mouths",
    ),
    "carry something with other person": done_together(
        "carrying something together", "two people carry something together", "a load between two people who walk",
        "two persons lift one object and take it along", "carry it with somebody's help",
        "each holds one end of the thing they carry", "transporting an object in a team of two",
    ),
    "take a photo of other person": done_to_another(
        "taking a photo of another person", "one person takes a photo of another",
        "a camera is held up towards the other", "photographing somebody",
        "two people, and one poses for the other's camera", "someone has their picture taken",
    ),
    "follow other person": done_to_another(
        "following another person", "one person follows another", "someone walks close behind the other",
        "walking after somebody", "two people, one behind the other", "a person is followed step by step",
    ),
    "whisper in other person’s ear": done_to_another(
        "whispering in another person's ear", "one person whispers in another's ear",
        "a mouth comes close to the other's ear", "telling somebody a secret",
        "two people, and one whispers to the other", "someone leans over to speak into an ear",
    ),
    "exchange things with other person": done_together(
        "exchanging things", "two people exchange things", "each hands something over and takes something back",
        "a swap of two objects", "swap things with somebody", "two hands give while two hands take",
        "two persons trade what they hold",
    ),
    "support somebody with one’s hand": done_to_another(
        "supporting another person who is sick", "one person supports another while walking",
        "an arm holds up the other, who is weak", "helping a sick person to walk",
        "two people, and one props up the other", "someone who is ill is led by the arm",
    ),
    "finger-guessing game (playing rock-paper-scissors)": done_together(
        "playing rock-paper-scissors", "two people play rock-paper-scissors",
        "two fists swing and open to a sign at the same time", "a finger-guessing game",
        "play rock-paper-scissors with somebody", "each shakes a fist and shows a shape",
        "two persons compete with signs of the hand",
    ),
}  # fmt: skip

__all__ = ["CLASSES"]
