# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Captions of the classes A1 to A60 of NTU RGB+D, by their official names."""

from __future__ import annotations

from .class_text import ClassText, done_by_one, done_to_another, done_together

CLASSES: dict[str, ClassText] = {
    "drink water": done_by_one(
        "drinking water", "a person drinks water", "a hand brings a cup to the mouth and tilts it",
        "taking a sip of water", "lift the bottle and drink", "someone raises a drink to the lips",
    ),
    "eat meal/snack": done_by_one(
        "eating a meal or snack", "a person eats something", "a hand carries food to the mouth again and again",
        "having a bite to eat", "take a snack and eat it", "someone lifts food to the mouth and chews",
    ),
    "brushing teeth": done_by_one(
        "brushing teeth", "a person brushes their teeth", "a toothbrush is moved to and fro at the mouth",
        "cleaning the teeth with small quick strokes", "brush your teeth", "one hand scrubs in front of the mouth",
    ),
    "brushing hair": done_by_one(
        "brushing hair", "a person brushes their hair", "a comb is drawn through the hair with long strokes",
        "combing the hair", "brush your hair", "one hand moves over the head from front to back repeatedly",
    ),
    "drop": done_by_one(
        "dropping something", "a person drops something", "the hand opens and an object falls to the floor",
        "letting a thing fall", "let go of the object", "someone loses hold of an item", group="drop",
    ),
    "pickup": done_by_one(
        "picking something up", "a person picks something up", "someone bends down and takes an item off the floor",
        "reaching to the ground for a thing and rising again", "pick up what lies on the floor",
        "stooping to collect something from the floor", group="pick up",
    ),
    "throw": done_by_one(
        "throwing", "a person throws something", "the arm swings forward and lets an object go",
        "hurling a thing away", "throw what you hold", "someone flings an item with one arm", group="throw",
    ),
    "sitting down": done_by_one(
        "sitting down", "a person sits down", "someone lowers the hips onto a chair", "taking a seat",
        "sit down on the seat", "the knees bend until the body rests on a chair", group="sit down",
    ),
    "standing up (from sitting position)": done_by_one(
        "standing up", "a person stands up", "someone rises from a chair", "getting up from sitting",
        "stand up from your seat", "the legs straighten and the body rises off the chair", group="stand up",
    ),
    "clapping": done_by_one(
        "clapping", "a person claps their hands", "both palms strike together again and again",
        "applauding with the hands before the chest", "clap your hands", "someone applauds briskly",
        group="clap hands",
    ),
    "reading": done_by_one(
        "reading", "a person reads", "someone holds a book or sheet in front and looks down at it",
        "reading from a page held in both hands", "read the text in your hands",
        "eyes on a paper that the hands hold up",
        group="read",
    ),
    "writing": done_by_one(
        "writing", "a person writes", "a pen moves over a sheet in small strokes", "noting something down by hand",
        "write on the paper", "one hand holds a pad while the other writes on it", group="write",
    ),
    "tear up paper": done_by_one(
        "tearing up paper", "a person tears up paper", "both hands rip a sheet apart",
        "ripping a page into pieces", "tear the sheet to bits", "the hands pull a paper in two directions",
    ),
    "wear jacket": done_by_one(
        "putting on a jacket", "a person puts on a jacket", "the arms slip into sleeves one after the other",
        "getting dressed in a coat", "put your jacket on", "someone swings a coat over the back and gets into it",
        group="put on a jacket",
    ),
    "take off jacket": done_by_one(
        "taking off a jacket", "a person takes off a jacket", "the arms are pulled out of the sleeves",
        "slipping out of a coat", "take your jacket off", "someone strips a coat off the shoulders",
        group="take off a jacket",
    ),
    "wear a shoe": done_by_one(
        "putting on a shoe", "a person puts on a shoe", "someone bends to a foot and pulls a shoe over it",
        "slipping a foot into a shoe", "put your shoe on", "the hands reach down to fit a shoe on a raised foot",
    ),
    "take off a shoe": done_by_one(
        "taking off a shoe", "a person takes off a shoe", "someone bends to a foot and pulls the shoe off",
        "slipping a foot out of a shoe", "take your shoe off", "the hands reach down to free a foot from its shoe",
    ),
    "wear on glasses": done_by_one(
        "putting on glasses", "a person puts on glasses", "both hands bring a pair of glasses to the face",
        "setting spectacles on the nose", "put your glasses on", "someone lifts eyewear up to the eyes and lets go",
    ),
    "take off glasses": done_by_one(
        "taking off glasses", "a person takes off glasses", "the hands lift a pair of glasses away from the face",
        "removing spectacles from the nose", "take your glasses off", "someone lowers eyewear from the eyes",
    ),
    "put on a hat/cap": done_by_one(
        "putting on a hat", "a person puts on a hat", "the hands set a cap on the head",
        "placing a hat on top of the head",
        "put your cap on", "someone lifts headwear up and settles it on the hair",
    ),
    "take off a hat/cap": done_by_one(
        "taking off a hat", "a person takes off a hat", "a hand lifts the cap from the head",
        "removing a hat from the head", "take your cap off", "someone brings headwear down from the hair",
    ),
    "cheer up": done_by_one(
        "cheering", "a person cheers", "both fists go up in joy", "throwing the arms into the air to celebrate",
        "cheer with raised arms", "someone rejoices with the hands above the head",
    ),
    "hand waving": done_by_one(
        "waving a hand", "a person waves a hand", "a raised hand swings from side to side", "waving hello",
        "wave to greet somebody", "someone lifts an arm and waves", group="wave a hand",
    ),
    "kicking something": done_by_one(
        "kicking something", "a person kicks something", "one leg swings forward and hits an object",
        "giving a thing a kick with the foot", "kick the object away", "someone strikes forward with a foot",
    ),
    "put something inside pocket / take out something from pocket": done_by_one(
        "putting something into a pocket or taking it out", "a person reaches into a pocket",
        "a hand slides into a pocket at the hip and comes out again", "handling something in a pocket",
        "reach into your pocket", "someone moves an item between hand and pocket",
    ),
    "hopping (one foot jumping)": done_by_one(
        "hopping on one foot", "a person hops on one foot", "one leg is held up while the other jumps",
        "small jumps on a single leg", "hop on one leg", "someone bounces up and down on one foot",
    ),
    "jump up": done_by_one(
        "jumping up", "a person jumps up", "both feet leave the ground at once", "a jump straight into the air",
        "jump up high", "someone bends the knees and leaps upwards",
    ),
    "make a phone call/answer phone": done_by_one(
        "making a phone call", "a person talks on the phone", "a hand holds a phone to the ear",
        "answering a call", "pick up the phone and speak", "someone lifts a phone to the side of the head",
    ),
    "playing with phone/tablet": done_by_one(
        "playing with a phone or tablet", "a person plays with a phone",
        "someone looks down and taps on a screen in the hands", "swiping on a phone held before the chest",
        "play with your tablet", "the thumbs work on a device held in front",
    ),
    "typing on a keyboard": done_by_one(
        "typing on a keyboard", "a person types on a keyboard", "both hands move their fingers over keys",
        "writing on a computer", "type on the keys", "the hands rest in front and the fingers tap",
    ),
    "pointing to something with finger": done_by_one(
        "pointing at something", "a person points at something", "an arm stretches out with one finger extended",
        "showing the way with a finger", "point over there", "someone raises an arm to indicate a place",
    ),
    "taking a selfie": done_by_one(
        "taking a selfie", "a person takes a selfie", "an arm holds a phone up in front of the own face",
        "taking a picture of oneself", "take a photo of yourself",
        "someone poses before a camera held at arm's length",
    ),
    "check time (from watch)": done_by_one(
        "checking the time on a watch", "a person looks at their watch",
        "a forearm is raised and the head bends to it",
        "reading the time off the wrist", "check your watch", "someone lifts a wrist before the eyes",
    ),
    "rub two hands together": done_by_one(
        "rubbing the hands together", "a person rubs both hands together", "the palms slide on each other to and fro",
        "warming the hands by rubbing", "rub your palms", "someone rubs one palm against the other",
    ),
    "nod head/bow": done_by_one(
        "nodding or bowing", "a person nods or bows", "the head goes down and up again", "a nod of the head",
        "nod your head", "someone bends forward to bow",
    ),
    "shake head": done_by_one(
        "shaking the head", "a person shakes their head", "the head turns from side to side to say no",
        "saying no with the head", "shake your head", "someone swings the face to and fro in denial",
    ),
    "wipe face": done_by_one(
        "wiping the face", "a person wipes their face", "a hand moves over cheeks and forehead",
        "drying the face with a hand or cloth", "wipe your face", "someone rubs sweat off the face",
    ),
    "salute": done_by_one(
        "saluting", "a person salutes", "a flat hand is raised to the temple", "a military greeting",
        "salute to the officer", "someone stands straight and brings a hand to the brow",
    ),
    "put the palms together": done_by_one(
        "putting the palms together", "a person puts their palms together",
        "both palms meet before the chest as in prayer",
        "holding the hands pressed together", "join your palms",
        "someone folds the hands upright in front of the chest",
    ),
    "cross hands in front (say stop)": done_by_one(
        "crossing the hands in front to say stop", "a person crosses the hands to say stop",
        "the forearms form a cross in front of the body", "making a stop sign with crossed hands",
        "cross your hands to stop somebody", "someone holds crossed wrists up in refusal",
    ),
    "sneeze/cough": done_by_one(
        "sneezing or coughing", "a person sneezes or coughs", "the head jerks forward and a hand covers the mouth",
        "coughing into the hand", "sneeze into your elbow", "someone bends a little with a sudden cough",
    ),
    "staggering": done_by_one(
        "staggering", "a person staggers", "unsteady steps that sway from side to side",
        "walking as if drunk or dizzy", "stagger about", "someone reels and nearly loses balance",
    ),
    "falling": done_by_one(
        "falling down", "a person falls down", "the body collapses onto the floor", "a fall to the ground",
        "fall to the floor", "someone loses balance and ends up lying on the ground",
    ),
    "touch head (headache)": done_by_one(
        "touching the head because of a headache", "a person has a headache", "a hand is pressed to the aching head",
        "holding the head in pain", "hold your aching head", "someone clutches the forehead or temple",
    ),
    "touch chest (stomachache/heart pain)": done_by_one(
        "touching the chest because of pain", "a person has chest or stomach pain",
        "a hand is pressed to the chest or belly in pain", "holding the aching stomach", "hold your chest in pain",
        "someone clutches the heart and bends a little",
    ),
    "touch back (backache)": done_by_one(
        "touching the back because of backache", "a person has a backache", "a hand reaches behind to the aching back",
        "holding the lower back in pain", "hold your aching back",
        "someone presses a hand to the loins and leans back",
    ),
    "touch neck (neckache)": done_by_one(
        "touching the neck because of neck pain", "a person has a sore neck", "a hand is put on the aching neck",
        "rubbing the neck in pain", "hold your aching neck", "someone grasps the nape and tilts the head",
    ),
    "nausea or vomiting condition": done_by_one(
        "feeling sick or vomiting", "a person feels sick and vomits", "the body doubles over as if to throw up",
        "retching with a bent trunk", "bend over to be sick", "someone leans forward with nausea",
    ),
    "use a fan (with hand or paper)/feeling warm": done_by_one(
        "fanning oneself", "a person fans themselves", "a hand or paper waves air at the face",
        "cooling the face with a fan", "fan yourself, it is hot", "someone feels warm and fans some air",
    ),
    "punching/slapping other person": done_to_another(
        "punching or slapping another person", "one person punches or slaps another",
        "a fist or hand strikes the other",
        "hitting somebody with the hand", "two people, and one hits the other",
        "someone gets a slap from the person in front",
    ),
    "kicking other person": done_to_another(
        "kicking another person", "one person kicks another", "a foot swings at the other's body",
        "giving somebody a kick", "two people, and one kicks the other",
        "someone is hit by the foot of the person in front",
    ),
    "pushing other person": done_to_another(
        "pushing another person", "one person pushes another", "both hands shove the other back",
        "shoving somebody away", "two people, and one pushes the other", "someone stumbles back from a push",
    ),
    "pat on back of other person": done_to_another(
        "patting another person on the back", "one person pats another on the back",
        "a hand taps the other's back a few times", "giving somebody a pat on the back",
        "two people, and one pats the other from behind", "someone is comforted by taps on the back",
    ),
    "point finger at the other person": done_to_another(
        "pointing a finger at another person", "one person points a finger at another",
        "an arm stretches out, its finger at the other's face", "accusing somebody with a pointed finger",
        "two people, and one points at the other", "someone is pointed at by the person in front",
    ),
    "hugging other person": done_together(
        "hugging each other", "two people hug", "two people step close and put their arms around each other",
        "an embrace", "one person hugs another", "hug your friend", "arms close around each other's backs",
    ),
    "giving something to other person": done_to_another(
        "giving something to another person", "one person gives something to another",
        "a hand passes an object over to the other", "handing a thing to somebody",
        "two people, and one hands something over", "someone takes what the person in front holds out",
    ),
    "touch other person's pocket": done_to_another(
        "touching another person's pocket", "one person reaches for another's pocket",
        "a hand goes to the other's pocket like a thief's", "stealing from somebody's pocket",
        "two people, and one picks the other's pocket", "someone is robbed by a hand at the hip",
    ),
    "handshaking": done_together(
        "shaking hands", "two people shake hands", "two people hold each other's hand and move it up and down",
        "a handshake", "one person greets another by hand", "shake hands with somebody",
        "each stretches out a hand and grips the other's",
    ),
    "walking towards each other": done_together(
        "walking towards each other", "two people walk towards each other", "two people approach from opposite sides",
        "the distance between two walkers shrinks", "walk up to one another", "two persons come closer step by step",
        "both people walk until they meet",
    ),
    "walking apart from each other": done_together(
        "walking apart", "two people walk apart", "two people turn away and walk in opposite directions",
        "the distance between two walkers grows", "walk away from one another", "two persons part step by step",
        "both people leave each other on foot",
    ),
}  # fmt: skip

__all__ = ["CLASSES"]
