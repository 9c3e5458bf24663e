# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Words for the classes of Toyota Smarthome (trimmed), and phrases for those of Toyota Smarthome Untrimmed."""

from __future__ import annotations

from .class_text import ClassText, done_by_one

CLASSES: dict[str, ClassText] = {
    "Cook.Cleandishes": done_by_one(
        "washing dishes", "a person washes dishes", "the hands scrub plates in the sink", "cleaning the dishes",
        "do the washing-up", "someone stands at a sink and rinses plates",
    ),
    "Cook.Cleanup": done_by_one(
        "cleaning up the kitchen", "a person cleans up the kitchen", "a hand wipes the worktop",
        "tidying up after cooking", "clean up the kitchen", "someone puts things away in the kitchen",
    ),
    "Cook.Cut": done_by_one(
        "cutting food", "a person cuts food", "a knife goes down on a chopping board again and again",
        "chopping ingredients", "cut the vegetables", "someone slices food on the worktop",
    ),
    "Cook.Stir": done_by_one(
        "stirring food", "a person stirs a pot", "a hand moves a spoon in circles over a pot",
        "stirring what is on the stove", "stir the pot", "someone mixes food in a pan",
    ),
    "Cook.Usestove": done_by_one(
        "using the stove", "a person uses the stove", "a hand turns the knobs of a cooker", "cooking at the stove",
        "turn on the stove", "someone handles pots on a cooker",
    ),
    "Cutbread": done_by_one(
        "cutting bread", "a person cuts bread", "a knife saws through a loaf", "slicing a loaf", "cut the bread",
        "one hand holds the loaf while the other slices it",
    ),
    "Drink.Frombottle": done_by_one(
        "drinking from a bottle", "a person drinks from a bottle", "a bottle is tilted at the mouth",
        "a drink straight out of the bottle", "drink from the bottle", "someone lifts a bottle to the lips",
    ),
    "Drink.Fromcan": done_by_one(
        "drinking from a can", "a person drinks from a can", "a can is tilted at the mouth",
        "a drink straight out of the can", "drink from the can", "someone lifts a can to the lips",
    ),
    "Drink.Fromcup": done_by_one(
        "drinking from a cup", "a person drinks from a cup", "a cup is tilted at the mouth", "sipping from a mug",
        "drink from the cup", "someone lifts a cup to the lips",
    ),
    "Drink.Fromglass": done_by_one(
        "drinking from a glass", "a person drinks from a glass", "a glass is tilted at the mouth",
        "sipping from a tumbler", "drink from the glass", "someone lifts a glass to the lips",
    ),
    "Eat.Attable": done_by_one(
        "eating at the table", "a person eats at the table", "someone sits at a table and has a meal",
        "having a meal at the table", "eat at the table", "a fork goes from plate to mouth at the table",
    ),
    "Eat.Snack": done_by_one(
        "eating a snack", "a person eats a snack", "a hand brings small bites to the mouth", "nibbling at a snack",
        "eat a snack", "someone munches something between meals",
    ),
    "Enter": done_by_one(
        "entering the room", "a person enters the room", "someone comes in through a door", "coming into the room",
        "come in", "someone walks into view and into the room",
    ),
    "Getup": done_by_one(
        "getting up", "a person gets up", "someone gets to their feet from a seat", "rising from a seat or bed",
        "get up", "the body goes from resting to standing", group="stand up",
    ),
    "Laydown": done_by_one(
        "lying down", "a person lies down", "someone lowers the body until it rests flat",
        "going to lie on a sofa or bed", "lie down on the sofa", "the body goes from upright to lying",
        group="lie down",
    ),
    "Leave": done_by_one(
        "leaving the room", "a person leaves the room", "someone goes out through a door", "going out of the room",
        "go out", "someone walks away and out of view",
    ),
    "Makecoffee.Pourgrains": done_by_one(
        "pouring coffee grounds", "a person pours coffee grounds into the coffee maker",
        "a spoon carries ground coffee into the filter", "filling a filter with coffee", "put coffee into the filter",
        "someone measures ground coffee for the machine",
    ),
    "Makecoffee.Pourwater": done_by_one(
        "pouring water into the coffee maker", "a person pours water into the coffee maker",
        "a jug of water is emptied into the machine", "filling the coffee maker with water",
        "pour water into the machine", "someone fills a coffee machine with a jug",
    ),
    "Maketea.Boilwater": done_by_one(
        "boiling water for tea", "a person boils water for tea", "a kettle is filled and switched on",
        "heating water in a kettle", "boil the water", "someone puts the kettle on",
    ),
    "Maketea.Insertteabag": done_by_one(
        "putting a tea bag into a cup", "a person puts a tea bag into a cup", "a hand lowers a tea bag into a cup",
        "dipping a tea bag", "put the tea bag in", "someone hangs a tea bag into hot water",
    ),
    "Pour.Frombottle": done_by_one(
        "pouring from a bottle", "a person pours from a bottle", "a bottle is tilted over a glass",
        "filling a glass from a bottle", "pour from the bottle", "someone empties a bottle into a vessel",
    ),
    "Pour.Fromcan": done_by_one(
        "pouring from a can", "a person pours from a can", "a can is tilted over a glass",
        "filling a glass from a can", "pour from the can", "someone empties a can into a vessel",
    ),
    "Pour.Fromkettle": done_by_one(
        "pouring from a kettle", "a person pours from a kettle", "a kettle is tilted over a cup",
        "filling a cup from a kettle", "pour from the kettle", "someone empties a kettle into a cup",
    ),
    "Readbook": done_by_one(
        "reading a book", "a person reads a book", "someone sits with an open book in the hands", "turning book pages",
        "read the book", "eyes on a book that the hands hold open", group="read",
    ),
    "Sitdown": done_by_one(
        "sitting down", "a person sits down", "someone lowers themselves onto a seat",
        "going to sit on a chair or sofa",
        "sit down somewhere", "the body goes from standing to resting on a seat", group="sit down",
    ),
    "Takepills": done_by_one(
        "taking pills", "a person takes pills", "a hand puts a pill into the mouth", "swallowing medicine",
        "take your pills", "someone takes medicine out of a box and swallows it",
    ),
    "Uselaptop": done_by_one(
        "using a laptop", "a person uses a laptop", "both hands work on the keys of a laptop", "working at a laptop",
        "use the laptop", "someone sits before an open laptop",
    ),
    "Usetelephone": done_by_one(
        "using a telephone", "a person uses a telephone", "someone holds a receiver or handset",
        "being on the telephone", "use the telephone", "someone dials or speaks into a telephone",
    ),
    "Usetablet": done_by_one(
        "using a tablet", "a person uses a tablet", "a finger swipes over a tablet on the lap",
        "looking at a tablet", "use the tablet", "someone holds a tablet and taps on it",
    ),
    "Walk": done_by_one(
        "walking", "a person walks", "someone takes steps through the room", "walking about at home",
        "walk across the room", "one foot goes before the other", group="walk",
    ),
    "WatchTV": done_by_one(
        "watching television", "a person watches television", "someone sits still and looks ahead at a screen",
        "sitting in front of the television", "watch television", "someone rests in a seat facing the television",
    ),
}  # fmt: skip

# In the order of the official list of actions (github.com/dairui01/Toyota_Smarthome, pipline/data/Action_list).
UNTRIMMED_PHRASES: dict[str, str] = {
    "Enter": "entering the room", "Walk": "walking", "Make_coffee": "making coffee", "Get_water": "getting water",
    "Make_coffee.Pour_water": "pouring water into the coffee maker", "Use_Drawer": "using a drawer",
    "Make_coffee.Pour_grains": "pouring coffee grounds", "Use_telephone": "using a telephone",
    "Leave": "leaving the room", "Put_something_on_table": "putting something on the table",
    "Take_something_off_table": "taking something off the table", "Pour.From_kettle": "pouring from a kettle",
    "Stir_coffee/tea": "stirring coffee or tea", "Drink.From_cup": "drinking from a cup",
    "Dump_in_trash": "dumping something in the trash", "Make_tea": "making tea",
    "Make_tea.Boil_water": "boiling water for tea", "Use_cupboard": "using a cupboard",
    "Insert_tea_bag": "putting a tea bag into a cup", "Read": "reading", "Take_pills": "taking pills",
    "Use_fridge": "using the fridge", "Clean_dishes": "cleaning dishes",
    "Clean_dishes.Put_something_in_sink": "putting something in the sink", "Eat_snack": "eating a snack",
    "Sit_down": "sitting down", "Watch_TV": "watching television", "Use_laptop": "using a laptop",
    "Get_up": "getting up", "Drink.From_bottle": "drinking from a bottle", "Pour.From_bottle": "pouring from a bottle",
    "Drink.From_glass": "drinking from a glass", "Lay_down": "lying down", "Drink.From_can": "drinking from a can",
    "Write": "writing", "Breakfast": "having breakfast",
    "Breakfast.Spread_jam_or_butter": "spreading jam or butter", "Breakfast.Cut_bread": "cutting bread",
    "Breakfast.Eat_at_table": "eating at the table", "Breakfast.Take_ham": "taking ham",
    "Clean_dishes.Dry_up": "drying dishes", "Wipe_table": "wiping the table", "Cook": "cooking",
    "Cook.Cut": "cutting food", "Cook.Use_stove": "using the stove", "Cook.Stir": "stirring food",
    "Cook.Use_oven": "using the oven", "Clean_dishes.Clean_with_water": "washing dishes with water",
    "Use_tablet": "using a tablet", "Use_glasses": "using glasses", "Pour.From_can": "pouring from a can",
}  # fmt: skip

__all__ = ["CLASSES", "UNTRIMMED_PHRASES"]
