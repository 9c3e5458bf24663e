# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Sentences about motion without motion: the corpus on which a text tower of the package's own size is distilled.

It has the words of the package for its classes and its synthetic motion, the names of well-known activities, and
sentences of a grammar of verbs, body parts, objects, directions and manners. All follow from a seed.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from typing import NamedTuple

import numpy as np

from .captions import class_texts
from .class_captions.kinds import OF_GROUP
from .synthetic.captions import GERUNDS, SUBJECTS, caption, class_phrase
from .synthetic.controls import Dice

UNSEEN_VERBS: tuple[str, ...] = (
    "juggle", "saw", "hammer", "knit", "shovel", "curtsy", "stagger", "wriggle", "gallop", "sway", "scrub", "hurl",
    "pounce", "salute", "sprint", "fidget", "twirl", "sharpen", "tickle", "yank",
)  # fmt: skip
"""Verbs of the grammar that no sentence for training has, in any form."""


def _list(text: str) -> tuple[str, ...]:
    return tuple(" ".join(item.split()) for item in text.split("|"))


_MOVES = _list("""walk | run | jog | jump | hop | skip | crawl | sneak | limp | march | stumble | stroll | tiptoe |
    dance | slide | climb | dash | leap | shuffle | pace | hike | gallop | stagger | sprint | roll | wander | swim
    | rush | step | walk on all fours | walk on the hands | skate | ski | ride a bike | ride a horse | row a boat |
    push a cart""")
_POSTURES = _list("""sit down | stand up | lie down | kneel down | squat | crouch | bend over | bow | lean forward
    | lean back | get up | get up from the floor | sit on a chair | sit on the floor | stand still | stand on one
    leg | fall down | fall over | trip and fall | turn around | spin around | twist the body | stretch | curtsy |
    wriggle | sway | fidget | twirl | pounce | stay in place | look around | look up | look down | look over the
    shoulder | lie on the back | rest | roll over | do a cartwheel | do a handstand | do a somersault | do push-ups
    | do sit-ups | do squats | do lunges | do jumping jacks | do pull-ups | do yoga | do a plank | do a backflip |
    balance | duck | dodge | shiver | tremble | collapse | faint | stay seated | warm up | lift weights | meditate""")
_EXPRESSIONS = _list("""cough | sneeze | yawn | laugh | cry | cheer | pray | sleep | think | nod | shout | sing |
    talk | whisper | clap | applaud | salute | shrug | wave | wave goodbye | wave hello | greet someone | celebrate
    | beg | count with the fingers | give a thumbs up | snap the fingers | beckon | blow a kiss | take a bow |
    vomit | scream | breathe deeply | stare | listen | hesitate | wait | act | pose | smile""")
_PARTS = _list("""arm | hand | leg | foot | knee | elbow | shoulder | wrist | ankle | finger | hip | thumb | fist |
    palm | forearm | thigh | heel""")
_WHOLES = _list("""both arms | both hands | both legs | both feet | both knees | the head | the hips | the upper
    body | the shoulders | the arms | the hands | the legs | the back | the neck | the trunk | the fingers | the
    elbows""")
_TOUCHED = _list("""the head | the face | the nose | the chin | the mouth | the ear | the chest | the back | the
    belly | the knee | the toes | the floor | the hair | the neck | the eyes | the forehead | the shoulder | the
    hip | the thigh | the ankle | the cheek | the stomach | the elbow""")
_PART_VERBS = _list("""raise | lower | wave | shake | rotate | swing | stretch | bend | lift | drop | extend |
    circle | cross | move | hold up | straighten | turn | flex | twist | fold | sway | twirl | wriggle""")
_TOUCH_VERBS = _list("touch | scratch | rub | pat | hold | tap | cover | slap | massage | point at | wipe | tickle")
_PEOPLE = _list("another person | a friend | the other person | a child | someone | a partner | an old man | a woman")
_SOCIAL_VERBS = _list("""hug | push | kick | punch | slap | shake hands with | point at | whisper to | dance with |
    pull | carry | talk to | wave to | follow | walk towards | walk away from | pat | kiss | high-five | bump into
    | help up | give something to | hand an object to | take something from | throw a ball to | lift | chase |
    support | tickle | salute | fight with | take a photo of | play with | wrestle with | hit | bow to | run from |
    yank | lead""")
_MANNERS = _list("""slowly | quickly | carefully | happily | sadly | angrily | quietly | loudly | gently |
    nervously | proudly | lazily | gracefully | clumsily | suddenly | repeatedly | twice | three times | once |
    again and again | with great force | with small steps | with long strides | with bent knees | with arms spread
    | while smiling | like a robot | like an old person | like a child | like a drunk | like a soldier | in slow
    motion | in a hurry | with confidence | without stopping | energetically | wearily | softly | briefly | for a
    long time | excitedly""")
_ANIMALS = _list("""cat | dog | bird | horse | elephant | monkey | bear | frog | rabbit | snake | duck | chicken |
    crab | penguin | lion | gorilla | kangaroo | fish | spider | butterfly | bull | mouse | turtle | dinosaur |
    wolf""")
_DIRECTIONS = _list("""forward | backward | to the left | to the right | sideways | up | down | in a circle | in
    place | across the room | towards the door | away from the camera | up the stairs | down the stairs | around
    the corner | in a straight line | in zigzag | over an obstacle | along a curve | through the room | diagonally
    | on the spot | to the side | around a table | into the kitchen | over a box | under a bar | up a hill | on a
    treadmill""")
_ENDS = _list("""on the street | at home | in the kitchen | in the park | at work | in the office | at the gym |
    outside | in the rain | in front of a mirror | on a bench | next to a car | on stage | in the snow | on the
    beach | in bed""")
# Verbs, and what is done with them.
_OBJECTS_TEXT = """
throw | catch | kick | hit | bounce | toss | pass | dribble | roll | drop | pick up | hold | hurl | juggle | aim: a
    ball | a basketball | a football | a baseball | a tennis ball | a frisbee | a stone | a snowball | a dart | a
    bowling ball | a paper plane | a javelin | a beach ball | a volleyball
swing | hold | grip | raise | strike with | twirl: a tennis racket | a golf club | a baseball bat | a sword | a
    stick | a hockey stick | a hammer | an axe | a badminton racket | a cricket bat | a rope | a paddle | a whip
play: tennis | basketball | football | golf | baseball | volleyball | badminton | table tennis | hockey | cricket |
    the guitar | the piano | the violin | the drums | the flute | the trumpet | the cello | chess | cards | video
    games | with a dog | with a yo-yo | rock paper scissors | an instrument | hopscotch
drink | sip | pour | spill: water | coffee | tea | juice | milk | beer | wine | a cup of tea | from a bottle | soup
eat | chew | bite | cook | cut | peel | serve: an apple | a meal | a snack | a sandwich | bread | a banana | pizza
    | an egg | meat | vegetables | a cake | rice | noodles | an ice cream | breakfast | cheese
wash | wipe | clean | scrub | polish | dry: the dishes | the table | the window | the floor | the car | the hands |
    the face | a plate | the bathroom | a mirror | the clothes | a cup | the kitchen | the glasses
sweep | mop | vacuum: the floor | the room | the stairs | the carpet | the kitchen | the yard
put on | take off | wear | remove | fold | try on | button | hang up: a jacket | a coat | a hat | a shirt | shoes |
    glasses | gloves | a scarf | trousers | socks | a helmet | a cap | headphones | a backpack | a sweater | a bag
    | a watch | a mask | a belt | a dress
tie | untie | lace: the shoes | the shoelaces | a knot | a rope | a tie | the hair
pick up | put down | carry | push | pull | lift | move | drag | hold | grab | place | bring | yank | drop | throw |
    take | reach for | catch | look at | turn over | set down | open | close | pack | search for | shake: a box | a
    bag | a chair | a suitcase | a book | a bucket | a bottle | a cup | a basket | a table | a plate | a pillow | a
    blanket | a tray | a ladder | a log | a heavy box | something | an object | a newspaper | a toy | a key | a pen
    | an umbrella | a piece of paper | a wallet | a flower | a lamp | a baby | the groceries | the trash | a laptop
    | a barrel | a wheelbarrow | a rock
open | close | push | pull | knock on | lock | slam | unlock | repair | paint: the door | a window | a drawer | the
    fridge | the gate | a cupboard | a box | the curtains | the oven | a closet
use | look at | pick up | check | hold | charge | type on | talk on | answer | play with: a phone | a smartphone |
    a computer | a keyboard | a tablet | a remote control | a camera | a laptop | a calculator
watch | turn on | turn off: television | the TV | a movie | the light | the lamp | the radio | the fan | the stove
read | write | hold | tear up | turn the page of | sign | draw on: a book | a newspaper | a letter | a magazine | a
    map | a notebook | paper | a sheet of paper | on a board | a card
write | draw | paint | point: on the board | on the wall | on paper | in the air | a picture | a circle | a line
hammer | saw | drill | fix | build | sharpen | sand | repair | assemble | screw: a nail | wood | a board | a table
    | the wall | a shelf | a knife | a pencil | furniture | a bicycle | a pipe | a chair
dig | shovel | rake | water | plant | mow: a hole | snow | leaves | the garden | sand | flowers | the lawn | dirt
brush | comb | wash | dry | cut | scratch | shave | braid: the teeth | the hair | the beard | the face | the nails
    | the dog
knit | sew | iron | fold | wash: a sweater | a scarf | clothes | a shirt | the laundry | a towel | a sheet
ride | drive | push | pedal | fix | steer: a bike | a motorcycle | a car | a horse | a skateboard | a scooter
shoot | aim | fire | load | draw: an arrow | a bow and arrow | a gun | a basketball | a goal | a rifle | a bow
stir | mix | knead | chop | slice | taste: soup | dough | vegetables | a salad | sauce | an onion | the tea |
    batter
feed | pet | walk | stroke | brush | train: a dog | a cat | a horse | the birds | a baby | a rabbit
climb | jump over | step over | walk on | sit on | lean on | stand on: a ladder | a wall | a tree | a rope | a
    fence | the stairs | a box | a beam | a table | a bench | a rock | a sofa | a stool
"""
_OBJECTS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = tuple(
    (_list(verbs), _list(things))
    for verbs, things in (entry.split(":") for entry in re.split(r"\n(?=\S)", _OBJECTS_TEXT.strip()))
)
_ACTIVITIES = _list("""archery | arm wrestling | applying eye makeup | applying lipstick | baby crawling | balance
    beam | band marching | baseball pitch | basketball dunk | bench press | biking | billiards | blow drying hair |
    blowing out candles | body weight squats | bowling | boxing a punching bag | boxing with a speed bag |
    breaststroke | brushing teeth | clean and jerk | cliff diving | cricket bowling | cutting food in the kitchen |
    diving | playing drums | fencing | field hockey penalty | floor gymnastics | frisbee catch | front crawl | golf
    swing | getting a haircut | hammer throw | handstand push-ups | handstand walking | head massage | high jump |
    horse race | horse riding | hula hoop | ice dancing | javelin throw | jumping jack | jump rope | kayaking |
    long jump | martial arts | mixing batter | mopping the floor | nunchucks | parallel bars | pizza tossing | pole
    vault | pommel horse | push-ups | rafting | indoor rock climbing | rope climbing | rowing | salsa spin |
    shaving the beard | shot put | skateboarding | skiing | jet ski | skydiving | soccer penalty | still rings |
    sumo wrestling | surfing | swing | table tennis shot | tai chi | tennis swing | discus throw | trampoline
    jumping | typing | uneven bars | volleyball spiking | walking with a dog | wall push-ups | writing on a board |
    yo-yo | brushing hair | catching a ball | chewing | climbing stairs | drawing a sword | dribbling | eating |
    falling on the floor | doing a flic flac | hitting something | hugging | kicking a ball | kissing | picking
    something up | pouring | pulling up | pushing | reloading a gun | riding a bike | shaking hands | shooting a
    bow | sitting | smiling | smoking | doing a somersault | standing | swinging a baseball bat | sword fighting |
    talking | throwing | turning | waving | air drumming | bouncing on a trampoline | breakdancing | building a
    cabin | capoeira | changing a wheel | cheerleading | cleaning the windows | contact juggling | country line
    dancing | deadlifting | doing aerobics | doing laundry | exercising with a ball | folding clothes | front
    raises | hopscotch | ironing | jogging | kicking a field goal | krumping | laughing | lunging | making a bed |
    making a snowman | milking a cow | moon walking | motorcycling | opening a present | parkour | playing
    badminton | playing basketball | playing the cello | playing chess | playing the harp | playing the accordion |
    playing ice hockey | playing the keyboard | playing paintball | playing poker | pumping fists | punching a
    person | push up | raking leaves | robot dancing | roller skating | sailing | setting the table | shooting a
    basketball | shoveling snow | side kick | sign language interpreting | singing | ski jumping | slapping |
    snatch weight lifting | snowboarding | squat | stretching an arm | stretching a leg | swimming | swinging on
    something | tango dancing | tap dancing | texting | throwing a discus | tying a knot | unboxing | using a
    computer | walking the dog | washing dishes | washing hands | watering plants | weaving a basket | welding |
    wrestling | yoga | zumba | sitting on a chair | checking the time | falling down | staggering | nausea or
    vomiting | chest pain | back pain | headache | touching the neck | fanning oneself | karate | ballet | hip hop
    dance | waltz | juggling | cartwheel | handstand | gymnastics | warm-up | physical therapy | lifting a weight |
    sleeping | crossing a street | waiting for a bus | carrying groceries | cooking | gardening | hand gesture |
    traffic control signal | thumbs up | stop sign with the hand | fall of an elderly person""")
# Verbs that double their last letter before "ing".
_DOUBLED = frozenset(
    """run jog hop skip step sit get spin sip cut hit put pat tap drop grab drag nod shrug beg mop dig hug knit chop
    clap strum pet grip swim slap skid snap plan wrap rub scrub slam trip bat wag stir""".split()
)
_SHORT_SUBJECTS = (*SUBJECTS, "he", "she", "a player", "an athlete", "a child", "an old person", "somebody", "a girl")

_CAPTIONED_SETS = (
    "bandai_namco_2", "hdm05_11", "ntu120", "nw_ucla", "penn_action", "smarthome", "utkinect_untrimmed"
)  # fmt: skip
_SIDES = (None, "left", "right")


class LanguageSplit(NamedTuple):
    """Sentences of the corpus, each in one part.

    Args:
        train: Sentences to train on.
        held_out: Further sentences of the same kinds.
        unseen_verbs: Sentences with a verb of `UNSEEN_VERBS`.
    """

    train: list[str]
    held_out: list[str]
    unseen_verbs: list[str]


def third_person(verb: str) -> str:
    """The verb, or the verb phrase that it begins, behind "a person": "carry a box" -> "carries a box"."""
    return _inflected(verb, _third)


def gerund(verb: str) -> str:
    """The verb, or the verb phrase that it begins, behind "is": "sit down" -> "sitting down"."""
    return _inflected(verb, _ing)


def _inflected(phrase: str, form: Callable[[str], str]) -> str:
    verb, *rest = phrase.split(" ", 1)
    return " ".join([form(verb), *rest])


def _third(verb: str) -> str:
    if verb[-1] == "y" and verb[-2] not in "aeiou":
        return verb[:-1] + "ies"
    return verb + ("es" if re.search(r"(s|sh|ch|x|z|o)$", verb) else "s")


def _ing(verb: str) -> str:
    if verb.endswith("ie"):
        return verb[:-2] + "ying"
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")):
        return verb[:-1] + "ing"
    return verb + (verb[-1] if verb in _DOUBLED else "") + "ing"


def generate_sentences(number: int, seed: int = 0, templates: Sequence[str] = ("{}",)) -> list[str]:
    """Distinct sentences of the grammar, a pure function of the arguments.

    Args:
        number: How many.
        seed: Of the draws.
        templates: Prompts with ``{}`` into which some of the actions go as gerunds, such as those of zero-shot
            classification.
    """
    rng = random.Random(seed)
    sentences: dict[str, None] = {}
    while len(sentences) < number:
        sentences[_sentence(rng, templates)] = None
    return list(sentences)


def _sentence(rng: random.Random, templates: Sequence[str]) -> str:
    """An action in one of the forms in which people name it; short ones are the most frequent."""
    action, form = _action(rng), rng.random()
    if form < 0.2:
        return gerund(action)
    if form < 0.45:
        return f"{rng.choice(_SHORT_SUBJECTS)} {third_person(action)}"
    if form < 0.57:
        return f"{rng.choice(_SHORT_SUBJECTS)} is {gerund(action)}"
    if form < 0.64:
        return action
    if form < 0.84:
        return rng.choice(templates).format(gerund(action))
    subject, other = rng.choice(_SHORT_SUBJECTS), _action(rng)
    if form < 0.92:
        return f"{subject} {third_person(action)} {rng.choice(('and then', 'then', 'and'))} {third_person(other)}"
    if form < 0.96:
        return f"{subject} {third_person(action)} while {gerund(other)}"
    return f"first {gerund(action)}, then {gerund(other)}"


def _action(rng: random.Random) -> str:
    """A verb phrase in its base form, sometimes with a word on how or where."""
    kind = rng.random()
    if kind < 0.17:
        action = rng.choice(_MOVES) + (f" {rng.choice(_DIRECTIONS)}" if rng.random() < 0.7 else "")
    elif kind < 0.27:
        action = rng.choice(_POSTURES)
    elif kind < 0.35:
        action = rng.choice(_EXPRESSIONS)
    elif kind < 0.49:
        action = f"{rng.choice(_PART_VERBS)} {_part(rng)}"
    elif kind < 0.57:
        action = f"{rng.choice(_TOUCH_VERBS)} {rng.choice(_TOUCHED)}{_with_hand(rng)}"
    elif kind < 0.66:
        action = f"{rng.choice(_SOCIAL_VERBS)} {rng.choice(_PEOPLE)}"
    else:
        verbs, things = rng.choice(_OBJECTS)
        action = f"{rng.choice(verbs)} {rng.choice(things)}{_with_hand(rng)}"
    return f"{action}{_remark(rng)}"


def _part(rng: random.Random) -> str:
    side = rng.choice(("the left", "the right", "the left", "the right", "one", "the other"))
    return f"{side} {rng.choice(_PARTS)}" if rng.random() < 0.7 else rng.choice(_WHOLES)


def _with_hand(rng: random.Random) -> str:
    if rng.random() < 0.8:
        return ""
    return rng.choice((" with the left hand", " with the right hand", " with both hands", " with one hand"))


def _remark(rng: random.Random) -> str:
    draw = rng.random()
    if draw < 0.72:
        return ""
    if draw < 0.88:
        return f" {rng.choice(_MANNERS)}"
    if draw < 0.92:
        animal = rng.choice(_ANIMALS)
        return f" like {'an' if animal[0] in 'aeiou' else 'a'} {animal}"
    return f" {rng.choice(_ENDS)}"


def package_sentences(seed: int = 0, templates: Sequence[str] = ("{}",)) -> list[str]:
    """What the package says of the classes of benchmarks and of its synthetic motion, and well-known activities.

    Args:
        seed: Of the captions of synthetic motion.
        templates: Prompts with ``{}``; every class phrase and activity goes into each.
    """
    texts = [text for name in _CAPTIONED_SETS for text in class_texts(name).values()]
    phrases = [text.phrase for text in texts] + list(_ACTIVITIES)
    phrases += [class_phrase(action, side) for action in GERUNDS for side in _SIDES]
    told = [template.format(phrase) for phrase in phrases for template in templates]
    captions = [words for text in texts for words in text.captions]
    kinds = [words for described in OF_GROUP.values() for words in described]
    dice = Dice(np.random.default_rng(seed))
    synthetic = [caption(dice, action, side) for action in GERUNDS for side in _SIDES for _ in range(8)]
    return list(dict.fromkeys([*told, *captions, *kinds, *synthetic]))


def split_sentences(sentences: Iterable[str], held_out_share: float = 0.04) -> LanguageSplit:
    """Deals sentences into training, held out, and those with a verb that training shall not see.

    The part of a sentence depends on its text alone, so that it stays when the corpus grows.
    """
    parts = LanguageSplit([], [], [])
    for sentence in dict.fromkeys(sentences):
        if _UNSEEN_FORMS & set(re.findall(r"[a-z]+", sentence.lower())):
            parts.unseen_verbs.append(sentence)
        elif int.from_bytes(blake2b(sentence.encode(), digest_size=4).digest(), "big") < held_out_share * 2**32:
            parts.held_out.append(sentence)
        else:
            parts.train.append(sentence)
    return parts


def _past(verb: str) -> str:
    return verb + "d" if verb.endswith("e") else _ing(verb)[:-3] + "ed"


_UNSEEN_FORMS = frozenset(
    [*UNSEEN_VERBS, "curtsied"] + [form(verb) for verb in UNSEEN_VERBS for form in (_third, _ing, _past)]
)

__all__ = [
    "UNSEEN_VERBS",
    "LanguageSplit",
    "generate_sentences",
    "gerund",
    "package_sentences",
    "split_sentences",
    "third_person",
]
