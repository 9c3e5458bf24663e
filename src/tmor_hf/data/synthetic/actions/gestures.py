# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Actions of the hands and arms: waving, clapping, pointing, dressing, drinking. Written for the right side."""

from __future__ import annotations

from ..controls import INDEX, RAMP, GaitStyle, Plan


def _walking(p: Plan) -> None:
    """Makes the body walk while the arms do something else."""
    d = p.dice
    p.gait_style = GaitStyle(
        duty=d.u(0.6, 0.66), lift=d.u(0.06, 0.12), swing=d.u(0, 6), twist=d.u(1, 5), roll_off=d.u(12, 28)
    )
    rate = d.u(0.75, 0.98) / p.tempo
    going = {"gait": rate, "speed": rate * d.u(1.2, 1.55)}
    p.start(**going)
    p.cyclic = True


def _shake(p: Plan, arms: str, rate: float, start: float = -9.0, end: float = 99.0) -> None:
    """Swings hands to and fro from the elbow or with the whole arm."""
    d = p.dice
    width = d.u(8, 24) * p.size
    style = d.pick(("side", "swivel", "front"))
    phase = d.unit()
    for n, arm in enumerate(arms):
        turn = phase + (0.5 if n and d.chance(0.3) else 0.0)
        p.swing(f"{arm}_be", width if style == "side" else width * 0.35, rate, turn, start=start, end=end)
        if style == "swivel":
            p.swing(f"{arm}_sw", width * 1.6, rate, turn, start=start, end=end)
        elif style == "front":
            p.swing(f"{arm}_al", width * 0.7, rate, turn, start=start, end=end)


def _wave_pose(p: Plan) -> tuple[float, ...]:
    d = p.dice
    if d.chance(0.5):  # above the head, arm nearly straight
        return (d.u(150, 178), d.u(5, 25), d.u(0.85, 0.97), 0, 0.3)
    if d.chance(0.7):  # beside the head, elbow bent
        return p.reach(d.u(0.2, 1.1), d.u(0.4, 0.8), d.u(0.1, 0.4), d.u(0, 25))
    return p.reach(d.u(0.0, 0.9), d.u(-0.05, 0.2), d.u(0.35, 0.65), d.u(0, 20))  # before the chest


def _waving(p: Plan, arms: str) -> None:
    d = p.dice
    pose = _wave_pose(p)
    raised = {arm: pose for arm in arms}
    side = d.u(-3, 6)
    if d.chance(0.6):
        p.to(d.u(0.4, 0.75), **raised, side=side if len(arms) == 1 else 0.0)
        begin = p.times[-1] - 0.1
        p.hold(d.u(1.0, 2.2))
        _shake(p, arms, d.u(1.1, 2.6), begin, p.times[-1] + 0.1)
        p.relax(d.u(0.4, 0.75))
    else:
        p.cyclic = True
        p.start(**raised, side=side if len(arms) == 1 else 0.0)
        p.to(d.u(1.2, 2.6))
        _shake(p, arms, d.u(1.1, 2.6))


def wave(p: Plan) -> None:
    _waving(p, "a")


def wave_both(p: Plan) -> None:
    _waving(p, "ao")


def _raised(p: Plan) -> tuple[float, ...]:
    d = p.dice
    if p.size < 0.8:
        return (d.u(75, 115), d.u(0, 30), d.u(0.9, 0.98), 0, 0.0)
    return (d.u(145, 182), d.u(-4, 22), d.u(0.88, 0.985), 0, 0.0)


def _raising(p: Plan, arms: str) -> None:
    d = p.dice
    pose = _raised(p)
    sideways = d.chance(0.35)
    if sideways:  # along the side of the body
        middle = {arm: (d.u(-5, 10), d.u(80, 95), 0.96, 0, 0.0) for arm in arms}
        p.to(d.u(0.3, 0.5), **middle)
        pose = (d.u(-4, 8), d.u(150, 172), 0.96, 0, 0.0)
    elif d.chance(0.3):  # bent first
        p.to(d.u(0.25, 0.4), **{arm: p.reach(0.3, 0.1, 0.3, 5) for arm in arms})
    p.to(d.u(0.4, 0.7), **{arm: pose for arm in arms}, bend=d.u(-8, 2), nod=d.u(-18, 5))
    p.hold(d.u(0.3, 1.2))
    if sideways:
        p.to(d.u(0.3, 0.5), **middle)
    p.relax(d.u(0.4, 0.7))


def raise_one(p: Plan) -> None:
    _raising(p, "a")


def raise_both(p: Plan) -> None:
    _raising(p, "ao")


def clap(p: Plan) -> None:
    d = p.dice
    up, front = d.u(-0.5, 0.05), d.u(0.38, 0.65)
    if d.chance(0.12):
        up, front = d.u(0.5, 0.8), d.u(0.1, 0.3)
        p.detail("above the head")
    apart = d.u(0.25, 0.8) * p.size
    rate = d.u(1.4, 3.2)
    meet = d.u(-0.99, -0.92)
    together = p.reach(meet, up, front, d.u(0, 25))
    open_pose = p.reach(meet + apart, up + d.u(-0.05, 0.05), front, d.u(5, 25))
    if d.chance(0.5):
        p.to(d.u(0.35, 0.6), both=open_pose)
    else:
        p.cyclic = True
        p.start(both=open_pose)
    half = 0.5 / rate
    for _ in range(max(3, int(d.u(1.4, 2.4) * rate))):
        p.times.append(p.times[-1] + half * p.tempo)
        p.rows.append(p.rows[-1].copy())
        _arms(p.rows[-1], together)
        p.times.append(p.times[-1] + half * p.tempo)
        p.rows.append(p.rows[-1].copy())
        _arms(p.rows[-1], open_pose)
    if not p.cyclic:
        p.relax(d.u(0.4, 0.7))


def _arms(row: list[float], pose: tuple[float, ...]) -> None:
    for base in (INDEX["left_arm_al"], INDEX["right_arm_al"]):
        row[base : base + len(pose)] = pose


def point(p: Plan) -> None:
    d = p.dice
    where = d.pick(("front", "side", "up", "floor"))
    pose = {
        "front": (d.u(80, 98), d.u(-10, 20), 0.98, 0, 0.0), "side": (d.u(20, 90), d.u(55, 85), 0.98, 0, 0.0),
        "up": (d.u(125, 150), d.u(-5, 25), 0.98, 0, 0.0), "floor": (d.u(38, 60), d.u(-5, 25), 0.98, 0, 0.0),
    }[where]  # fmt: skip
    look = {"front": 0.0, "side": -45.0, "up": -8.0, "floor": -8.0}[where]
    nod = {"up": -25.0, "floor": 25.0}.get(where, 0.0)
    p.to(d.u(0.35, 0.65), a=pose, look=look, nod=nod)
    p.hold(d.u(0.5, 1.3))
    p.relax(d.u(0.4, 0.7))


def _object(p: Plan, arm: str, end: tuple[float, ...], **posture) -> None:
    """Takes something from the rest position to `end`, stays, and returns."""
    d = p.dice
    p.to(d.u(0.4, 0.75), **{arm: end}, **posture)
    p.hold(d.u(0.4, 1.4))
    if d.chance(0.7):
        p.relax(d.u(0.4, 0.75))


def drink(p: Plan) -> None:
    d = p.dice
    cup = p.reach(-0.6, -0.3, 0.5, 5)
    if d.chance(0.5):
        p.to(d.u(0.3, 0.5), a=cup)
    mouth = p.reach(-0.75, 0.22, 0.28, d.u(10, 35))
    p.to(d.u(0.4, 0.7), a=mouth, nod=d.u(-12, 5))
    p.to(d.u(0.3, 0.6), a=p.reach(-0.78, 0.28, 0.27, d.u(25, 50)), nod=-d.u(10, 30), bend=-d.u(0, 8))
    p.hold(d.u(0.3, 1.0))
    p.to(d.u(0.4, 0.7), a=cup, nod=0, bend=0)
    if d.chance(0.5):
        p.relax(d.u(0.4, 0.7))


def phone_call(p: Plan) -> None:
    d = p.dice
    ear = p.reach(-0.38, d.u(0.28, 0.36), d.u(0.06, 0.16), d.u(-5, 25))
    if d.chance(0.4):
        _walking(p)
        p.rows[0][INDEX["speed"]] *= 0.6
        p.rows[0][INDEX["gait"]] *= 0.8
    p.swing("nod", d.u(2, 6), d.u(0.3, 0.8), d.unit())
    if d.chance(0.5):
        p.start(a=ear, tilt=d.u(0, 14), nod=d.u(0, 15))
        p.to(d.u(1.2, 2.4), look=d.u(-20, 20))
    else:
        p.to(d.u(0.5, 0.8), a=ear, tilt=d.u(0, 14), nod=d.u(0, 15))
        p.hold(d.u(0.8, 1.8))


def check_watch(p: Plan) -> None:
    d = p.dice
    _object(
        p,
        "a",
        p.reach(-0.9, -d.u(0.12, 0.32), d.u(0.42, 0.55), d.u(25, 50)),
        nod=d.u(25, 40),
        look=d.u(-5, 5),
        bend=d.u(2, 12),
    )


def fold_arms(p: Plan) -> None:
    d = p.dice
    p.to(d.u(0.4, 0.7), a=p.reach(-1.5, -0.28, 0.33, 12), o=p.reach(-1.45, -0.36, 0.38, 12))
    p.hold(d.u(0.8, 1.6))
    if d.chance(0.5):
        p.relax(d.u(0.4, 0.7))


def scratch_head(p: Plan) -> None:
    d = p.dice
    pose = p.reach(-0.3, d.u(0.38, 0.5), d.u(-0.02, 0.12), d.u(20, 50))
    p.to(d.u(0.4, 0.7), a=pose, nod=d.u(5, 20), tilt=d.u(-5, 10))
    begin = p.times[-1] - 0.1
    p.hold(d.u(0.7, 1.5))
    p.swing("a_al", d.u(4, 9), d.u(2.2, 4), 0, start=begin, end=p.times[-1] + 0.1)
    p.relax(d.u(0.4, 0.7))


def use_phone(p: Plan) -> None:
    """Looks down at something held before the chest, with one or two hands."""
    d = p.dice
    pose = p.reach(-d.u(0.6, 0.9), -d.u(0.2, 0.4), d.u(0.4, 0.55), 5)
    arms = "both" if d.chance(0.4) else "a"
    p.swing("a_r", 0.02, d.u(1.5, 3), d.unit())
    if d.chance(0.5):
        p.to(d.u(0.4, 0.7), **{arms: pose}, nod=d.u(22, 42), bend=d.u(5, 18))
        p.hold(d.u(0.8, 1.8))
    else:
        p.start(**{arms: pose}, nod=d.u(22, 42), bend=d.u(5, 18))
        p.to(d.u(1.2, 2.2))


def rotate_arms(p: Plan) -> None:
    d = p.dice
    forwards = d.chance(0.5)
    p.group_suffix = " forwards" if forwards else " backwards"
    p.detail("forwards" if forwards else "backwards")
    # Down, forward, up, back is the backwards circle of a swimmer on the back.
    direction = -360.0 if forwards else 360.0
    p.cyclic = True
    rate = d.u(0.55, 1.1)
    p.start(both=(d.u(0, 90), d.u(14, 30), 0.975, 0, 0.0))
    p.to(d.u(1.6, 2.8))
    alternate = d.u(0.0, 0.06) if d.chance(0.8) else 0.5
    for n, arm in enumerate("ao"):
        p.rows[0][INDEX["right_arm_al" if arm == "a" else "left_arm_al"]] += n * 360 * alternate
        p.rows[-1][INDEX["right_arm_al" if arm == "a" else "left_arm_al"]] += n * 360 * alternate
        p.swing(f"{arm}_al", direction, rate, 0.0, RAMP, start=0.0)
    p.swing("bend", 3, rate, d.unit())


def push(p: Plan) -> None:
    d = p.dice
    up = d.u(-0.25, 0.12)
    near, far = p.reach(-d.u(0.1, 0.5), up - 0.1, d.u(0.25, 0.38), 15), p.reach(-d.u(0.2, 0.6), up, d.u(0.9, 0.96), 5)
    one = d.chance(0.2)
    arms = "a" if one else "both"
    p.group_suffix = " one hand" if one else ""
    step = d.u(0.2, 0.5) if d.chance(0.4) else 0.0
    p.to(d.u(0.35, 0.6), **{arms: near}, pitch=-d.u(0, 6))
    p.to(
        d.u(0.3, 0.6),
        **{arms: far},
        pitch=d.u(2, 14),
        bend=d.u(2, 16),
        pz=step * 0.45 + d.u(0.02, 0.1),
        fa=(0, 0, step, 0),
    )
    if step:
        p.rows[-2][INDEX["right_leg_up"]] = 0.08
        p.rows[-2][INDEX["right_leg_fwd"]] = step * 0.4
    p.hold(d.u(0.2, 0.6))
    if d.chance(0.8):
        p.relax(d.u(0.4, 0.7))


def pull(p: Plan) -> None:
    d = p.dice
    up = d.u(-0.35, 0.1)
    far, near = p.reach(-d.u(0.4, 0.8), up, d.u(0.88, 0.96), 0), p.reach(-d.u(0.1, 0.7), up - 0.12, d.u(0.2, 0.34), -5)
    one = d.chance(0.3)
    arms = "a" if one else "both"
    p.group_suffix = " one hand" if one else ""
    p.to(d.u(0.4, 0.7), **{arms: far}, bend=d.u(5, 18), pitch=d.u(2, 12), pz=d.u(0, 0.06))
    p.hold(d.u(0.1, 0.35))
    p.to(d.u(0.35, 0.7), **{arms: near}, bend=-d.u(0, 12), pitch=-d.u(2, 14), pz=-d.u(0.04, 0.16), py=d.u(0.92, 0.98))
    p.hold(d.u(0.15, 0.5))
    if d.chance(0.8):
        p.relax(d.u(0.4, 0.7))


def grab_high(p: Plan) -> None:
    d = p.dice
    top = (d.u(138, 172), d.u(-6, 14), d.u(0.95, 0.985), 0, 0.0)
    tiptoe = d.u(0.0, 0.08) if d.chance(0.5) else 0.0
    p.to(
        d.u(0.4, 0.75),
        a=top,
        right_arm_shrug=d.u(5, 18),
        nod=-d.u(10, 32),
        side=-d.u(0, 10),
        feet=(0.03, tiptoe, 0.02, -400 * tiptoe),
        py=0.99 + tiptoe,
    )
    p.hold(d.u(0.1, 0.4))
    if d.chance(0.5):
        p.to(
            d.u(0.4, 0.7),
            a=p.reach(-0.5, -0.3, 0.45, 5),
            right_arm_shrug=0,
            nod=10,
            side=0,
            feet=(0.03, 0, 0, 0),
            py=0.98,
        )
        p.hold(d.u(0.1, 0.4))
    p.relax(d.u(0.4, 0.7))


def carry(p: Plan) -> None:
    d = p.dice
    style = d.pick(("box", "box", "chest", "side", "side", "shoulder"))
    _walking(p)
    pose = {}
    if style in ("box", "chest"):
        p.group_suffix = " both hands"
        up = -d.u(0.35, 0.7) if style == "box" else -d.u(0.05, 0.3)
        pose["both"] = p.reach(-d.u(0.2, 0.75), up, d.u(0.38, 0.6), d.u(0, 15))
        pose["bend"] = -d.u(0, 8)
    elif style == "side":
        p.group_suffix = " one hand"
        pose["a"] = (d.u(-4, 8), d.u(3, 14), 0.99, 0, 0.8)
        pose["side"] = -d.u(0, 9)
        p.rows[0][INDEX["right_arm_shrug"]] = -4.0
        pose["o"] = (d.u(-5, 10), d.u(10, 35), d.u(0.9, 0.97), 0, 0.5)
    else:
        p.group_suffix = " shoulder"
        pose["a"] = p.reach(-0.1, 0.25, 0.12, 20)
        p.detail("on the shoulder")
    p.start(**pose)
    for _ in range(d.integer(1, 3)):
        p.to(d.u(0.8, 1.4), turn=d.u(-35, 35) if d.chance(0.5) else 0.0)


def drop_into_bin(p: Plan) -> None:
    """Holds something, reaches over a bin in front or beside, lets go, and takes the hand back."""
    d = p.dice
    if d.chance(0.55):
        p.start(a=p.reach(-d.u(0.1, 0.8), -d.u(0.3, 0.6), d.u(0.3, 0.5), 5))
    away = d.pick(("front", "front", "side"))
    out = d.u(-0.3, 0.4) if away == "front" else d.u(0.8, 1.8)
    pose = p.reach(out, -d.u(0.45, 0.75), d.u(0.35, 0.6) if away == "front" else d.u(0.0, 0.3), 5, 0.6)
    if d.chance(0.4):
        _approach(p)
    lean = d.u(8, 40)
    if d.chance(0.25):
        p.to(d.u(0.25, 0.4), a=p.reach(0.0, 0.05, 0.35, 10))
    p.to(
        d.u(0.4, 0.7),
        a=pose,
        pitch=lean * 0.5,
        bend=lean * 0.6,
        nod=d.u(10, 30),
        side=d.u(0, 10) if away == "side" else 0.0,
    )
    p.to(d.u(0.12, 0.3), a=(*pose[:2], min(0.98, pose[2] + d.u(0.05, 0.2)), *pose[3:]))
    p.hold(d.u(0.05, 0.3))
    upright = p.rows[0].copy()
    upright[INDEX["right_arm_al"] : INDEX["right_arm_al"] + 5] = p.rest_right
    if d.chance(0.25):
        p.rows[-1][INDEX["gait"]] = 0.0
    p.rows.append(upright)
    p.times.append(p.times[-1] + d.u(0.4, 0.8) * p.tempo)
    p.hold(d.u(0.1, 0.6))


def _approach(p: Plan) -> None:
    """A few steps before the action itself."""
    d = p.dice
    p.gait_style = GaitStyle(duty=0.62, lift=d.u(0.06, 0.1), swing=d.u(4, 16), twist=3, roll_off=20)
    rate = d.u(0.8, 1.0) / p.tempo
    p.to(0.25, gait=rate, speed=rate * d.u(0.9, 1.3))
    p.to(d.u(0.5, 1.0))
    p.to(0.35, gait=0.0, speed=0.0)


def put_on_jacket(p: Plan) -> None:
    d = p.dice
    style = d.pick(("sleeves", "sleeves", "sleeves", "head"))
    if style == "head":
        p.detail("pulling it over the head")
        p.to(d.u(0.3, 0.5), both=p.reach(-0.7, -0.3, 0.5, 5), nod=d.u(15, 30))
        p.to(d.u(0.4, 0.6), both=p.reach(-0.1, 0.6, 0.25, 35), nod=d.u(15, 30))
        p.to(d.u(0.3, 0.5), both=(d.u(155, 178), d.u(5, 20), 0.93, 0, 0), nod=0)
        p.to(d.u(0.4, 0.6), both=p.reach(0.2, 0.2, 0.25, 45), nod=10)
        p.to(d.u(0.4, 0.6), both=p.reach(-0.3, -0.65, 0.2, 25), nod=20)
        p.relax(d.u(0.3, 0.5))
        return
    p.start(both=p.reach(-0.5, -0.4, 0.45, 5))
    hold_collar = p.reach(-d.u(0.4, 0.9), -d.u(0.05, 0.3), 0.35, 20)
    p.to(
        d.u(0.4, 0.65),
        a=p.reach(0.9, -0.35, -d.u(0.1, 0.35), 25),
        o=hold_collar,
        twist=-d.u(5, 22),
        side=d.u(0, 8),
        look=-d.u(10, 35),
        nod=d.u(8, 25),
    )
    p.to(
        d.u(0.35, 0.55),
        a=(d.u(20, 70), d.u(40, 70), 0.96, 0, 0.0),
        o=p.reach(-d.u(1.0, 1.4), 0.05, 0.3, 25),
        twist=0.0,
    )
    p.to(
        d.u(0.35, 0.55),
        a=p.reach(-0.1, 0.12, 0.3, 40),
        o=p.reach(-0.5, 0.1, 0.1, 35),
        look=d.u(0, 20),
        bend=d.u(0, 12),
    )
    p.to(
        d.u(0.4, 0.65),
        o=p.reach(0.9, -0.35, -d.u(0.15, 0.4), 25),
        a=p.reach(-d.u(0.7, 1.1), 0.0, 0.32, 25),
        twist=d.u(5, 22),
        side=-d.u(0, 8),
        look=d.u(10, 35),
    )
    p.to(
        d.u(0.35, 0.55),
        o=(d.u(20, 75), d.u(40, 75), 0.96, 0, 0.0),
        a=p.reach(-0.6, -0.1, 0.32, 15),
        twist=0.0,
        look=0.0,
    )
    p.to(d.u(0.3, 0.5), both=p.reach(-0.15, 0.06, 0.22, 35), nod=d.u(10, 25))
    p.to(d.u(0.3, 0.5), both=p.reach(-0.6, -0.35, 0.3, 15))
    p.relax(d.u(0.3, 0.6), both=p.rest_right)


def take_off_jacket(p: Plan) -> None:
    d = p.dice
    style = d.pick(("sleeves", "sleeves", "sleeves", "head"))
    if style == "head":
        p.detail("pulling it over the head")
        p.to(d.u(0.4, 0.6), a=p.reach(-1.3, -0.6, 0.25, 15), o=p.reach(-1.2, -0.62, 0.25, 15), bend=d.u(8, 20), nod=20)
        p.to(d.u(0.4, 0.7), a=p.reach(-0.6, 0.35, 0.3, 60), o=p.reach(-0.6, 0.35, 0.3, 60), bend=5, nod=25)
        p.to(d.u(0.3, 0.5), both=p.reach(-0.2, 0.75, 0.2, 30), bend=d.u(0, 15))
        p.to(d.u(0.35, 0.6), both=p.reach(-0.6, -0.1, 0.6, 5), nod=10)
        p.relax(d.u(0.4, 0.6))
        return
    lapels = p.reach(-0.5, -0.12, 0.28, 25)
    p.to(d.u(0.3, 0.5), both=lapels, nod=d.u(5, 20))
    p.to(d.u(0.3, 0.5), both=p.reach(0.3, 0.0, 0.2, 50), bend=-d.u(0, 12))
    back = (-d.u(25, 50), d.u(10, 30), d.u(0.8, 0.95), 15, 0.0)
    p.to(d.u(0.4, 0.6), both=back, bend=-d.u(0, 10), nod=d.u(0, 15), right_arm_shrug=-6, left_arm_shrug=-6)
    p.to(
        d.u(0.35, 0.6),
        a=p.reach(-0.2, -0.6, -0.3, 30),
        o=p.reach(-0.3, -0.55, -0.32, 30),
        twist=d.u(5, 18),
        look=d.u(0, 30),
    )
    p.to(
        d.u(0.35, 0.6),
        a=p.reach(0.4, -0.45, 0.3, 15),
        o=(-d.u(15, 40), d.u(20, 40), 0.92, 10, 0),
        twist=d.u(10, 28),
        look=d.u(10, 35),
    )
    p.to(
        d.u(0.35, 0.6),
        a=p.reach(-d.u(1.0, 1.5), -0.4, 0.42, 10),
        o=p.reach(0.5, -0.5, 0.1, 15),
        twist=d.u(0, 15),
        nod=d.u(10, 25),
    )
    p.to(d.u(0.3, 0.5), a=p.reach(-0.3, -0.4, 0.5, 5), o=p.reach(-0.3, -0.45, 0.45, 5), twist=0, look=0)
    p.relax(d.u(0.4, 0.7), right_arm_shrug=0, left_arm_shrug=0)
