# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Changes of posture and whole-body exercises: sitting, lying, bending, squats. Written for the right side."""

from __future__ import annotations

from ..controls import INDEX, Plan


def sitting_row(p: Plan) -> dict:
    """Channels of a sitting pose on a seat of the plan's height."""
    d = p.dice
    arms = d.pick(("lap", "thighs", "hang"))
    pose = {
        "py": p.seat, "pz": -d.u(0.42, 0.56), "pitch": -d.u(0, 16), "bend": d.u(5, 24), "nod": d.u(-5, 15),
    }  # fmt: skip
    if arms == "lap":
        pose["both"] = p.reach(-0.5, -0.62, 0.42, 10)
    elif arms == "thighs":
        pose["both"] = p.reach(0.0, -0.62, 0.5, 10)
    else:
        pose["both"] = (d.u(0, 15), d.u(6, 18), 0.95, 5, 0.5)
    return pose


def _seat_feet(p: Plan) -> None:
    d = p.dice
    p.start(fa=(d.u(-0.02, 0.2), 0.0, d.u(-0.12, 0.12)), fo=(d.u(-0.02, 0.2), 0.0, d.u(-0.12, 0.12)))


def _half_way(p: Plan, lean: float) -> dict:
    """The pose between sitting and standing: trunk forward over the feet."""
    d = p.dice
    pose = {
        "py": p.seat * 0.55 + 0.40,
        "pz": -d.u(0.26, 0.38),
        "pitch": lean * 0.6,
        "bend": lean * 0.5,
        "nod": -d.u(0, 15),
    }
    support = d.unit()
    if support < 0.3:
        pose["both"] = p.reach(0.1, -0.72, 0.42, 20)  # hands on the thighs
    elif support < 0.5:
        pose["both"] = (-d.u(12, 38), d.u(12, 25), d.u(0.85, 0.97), 10, 0.0)  # hands back to the seat
    elif support < 0.65:
        pose["both"] = (d.u(35, 75), 6, d.u(0.8, 0.95), 0, 0.0)  # arms forward for balance
    else:
        pose["both"] = (d.u(0, 25), d.u(6, 15), 0.94, 0, 0.7)
    return pose


def sit_down(p: Plan) -> None:
    d = p.dice
    p.balance = 0.3
    _seat_feet(p)
    p.seat = max(0.38, p.seat + d.u(-0.06, 0.02))
    if d.chance(0.3):  # looks round for the seat
        p.to(d.u(0.25, 0.5), look=d.pick((-1, 1)) * d.u(20, 55), twist=d.u(-10, 10))
    p.to(d.u(0.45, 0.8), look=0.0, **_half_way(p, d.u(35, 65)))
    p.to(d.u(0.4, 0.75), **sitting_row(p))
    p.hold(d.u(0.3, 0.9))


def stand_up(p: Plan) -> None:
    d = p.dice
    p.balance = 0.3
    _seat_feet(p)
    upright = p.rows[0].copy()
    p.seat = max(0.38, p.seat + d.u(-0.06, 0.02))
    p.start(**sitting_row(p))
    p.to(d.u(0.15, 0.5))
    if d.chance(0.5):
        p.to(d.u(0.25, 0.4), pitch=d.u(8, 25), bend=d.u(22, 40))
    p.to(d.u(0.35, 0.65), **_half_way(p, d.u(40, 70)))
    p.rows.append(upright)
    p.times.append(p.times[-1] + d.u(0.4, 0.75) * p.tempo)
    p.hold(d.u(0.2, 0.6))


def sit_still(p: Plan) -> None:
    d = p.dice
    p.balance = 0.3
    p.cyclic = True
    _seat_feet(p)
    p.start(**sitting_row(p))
    for _ in range(d.integer(1, 3)):
        p.to(d.u(0.6, 1.2), look=d.u(-35, 35), nod=d.u(-8, 20), bend=d.u(4, 26), side=d.u(-4, 4))


def squat(p: Plan) -> None:
    d = p.dice
    p.start(feet=(d.u(0.0, 0.2), 0.0, 0.0), pz=0.0)
    depth = d.u(0.36, 0.66) if p.size > 0.8 else d.u(0.66, 0.78)
    arms = d.pick((
        (d.u(75, 95), d.u(0, 10), 0.96, 0, 0.6), p.reach(-1.0, -0.25, 0.45, 25), (-8, 28, 0.62, 25, 0.0),
        (160, 28, 0.45, 30, 0.0), p.rest_right,
    ))  # fmt: skip
    before = d.chance(0.4)
    if before:
        p.start(both=arms)
    lean = d.u(15, 38)
    p.cyclic = False
    for _ in range(d.integer(1, 3)):
        p.to(
            d.u(0.6, 1.0),
            py=depth * d.u(0.95, 1.05),
            pz=-d.u(0.05, 0.15),
            pitch=lean,
            bend=d.u(8, 22),
            both=arms,
            nod=-d.u(5, 25),
        )
        if d.chance(0.3):
            p.hold(d.u(0.1, 0.4))
        p.relax(d.u(0.5, 0.9), **({"both": arms} if before else {}))
        p.hold(d.u(0.05, 0.2))


def lunge(p: Plan) -> None:
    d = p.dice
    arms = d.pick((p.rest_right, (-8, 28, 0.62, 25, 0.0), p.reach(-0.9, -0.3, 0.4, 20)))
    p.start(both=arms)
    step = d.u(0.55, 0.85) * p.size
    for _ in range(d.integer(1, 2)):
        p.to(d.u(0.35, 0.5), fa=(0, 0.12, step * 0.6, 10), pz=step * 0.3, py=0.9)
        p.to(
            d.u(0.35, 0.5),
            fa=(0, 0.0, step, 0),
            fo=(0, 0.03, 0, -35),
            pz=step * 0.48,
            py=d.u(0.58, 0.7),
            pitch=d.u(0, 12),
        )
        p.hold(d.u(0.1, 0.3))
        p.to(d.u(0.35, 0.5), fa=(0, 0.12, step * 0.5, 0), fo=(0, 0, 0, 0), pz=step * 0.25, py=0.9)
        p.relax(d.u(0.3, 0.45))


def bow(p: Plan) -> None:
    d = p.dice
    angle = d.u(30, 85) * p.size
    arms = d.pick(
        (p.rest_right, (d.u(0, 12), 4, 0.97, 0, 0.3), p.reach(-0.7, -0.8, 0.3, 0, 0.3), (-14, 6, 0.95, 0, 0.0))
    )
    if d.chance(0.5):
        p.start(both=arms)
    p.to(d.u(0.5, 0.9), pitch=angle * 0.6, bend=angle * 0.5, nod=d.u(0, 30), both=arms)
    p.hold(d.u(0.15, 0.7))
    p.relax(d.u(0.5, 0.9))


def _low(p: Plan, style: str, floor: float) -> dict:
    """A pose whose hands can reach a height of `floor` leg lengths; returns channels and leaves the arms alone."""
    d = p.dice
    if style == "bend":
        return {
            "pitch": d.u(50, 64),
            "bend": d.u(34, 50),
            "py": d.u(0.84, 0.94) - (0.05 if floor < 0.1 else 0),
            "nod": -d.u(5, 30),
        }
    if style == "squat":
        return {
            "pitch": d.u(28, 45),
            "bend": d.u(30, 50),
            "py": d.u(0.44, 0.58),
            "pz": d.u(-0.08, 0.04),
            "nod": -d.u(5, 25),
        }
    return {
        "pitch": d.u(42, 56),
        "bend": d.u(32, 48),
        "py": d.u(0.64, 0.78),
        "pz": d.u(-0.06, 0.04),
        "nod": -d.u(0, 25),
    }


def _low_style(p: Plan) -> str:
    style = p.dice.pick(("bend", "mixed", "mixed", "squat"))
    if style == "bend":
        p.detail("bending at the waist", "bending down")
    elif style == "squat":
        p.detail("bending the knees", "crouching down", "squatting down")
    return style


def pick_up_one_hand(p: Plan) -> None:
    d = p.dice
    style, floor = _low_style(p), d.u(0.03, 0.22)
    spot = (-d.u(-0.05, 0.3), floor, d.u(0.22, 0.48))
    if d.chance(0.3):  # a step towards the object
        step = d.u(0.2, 0.4)
        p.start(fa=(0, 0, 0))
        p.to(d.u(0.3, 0.5), fa=(0, 0, step, 0), pz=step * 0.4)
        spot = (spot[0], spot[1], spot[2] + step * 0.5)
    other = d.pick((p.rest_left, p.rest_left, p.reach(0.1, -0.72, 0.42, 20)))
    p.to(
        d.u(0.3, 0.5), pitch=d.u(18, 30), bend=d.u(15, 30), py=0.93, a=(d.u(15, 40), 8, 0.95, 0, 0.5), nod=d.u(10, 25)
    )
    p.to(
        d.u(0.35, 0.6),
        **_low(p, style, floor),
        aw=spot,
        a=(40, 5, 0.97, 0, 0.5),
        o=other,
        twist=d.u(0, 14),
        side=d.u(0, 8),
    )
    p.rows[-1][INDEX["right_arm_w"]] = 1.0
    p.hold(d.u(0.1, 0.35))
    end = d.unit()
    p.relax(d.u(0.5, 0.9))
    if end < 0.45:  # looks at what it holds
        p.rows[-1][INDEX["right_arm_al"] : INDEX["right_arm_al"] + 5] = p.reach(-0.5, -0.35, 0.45, 0)
        p.rows[-1][INDEX["nod"]] = d.u(10, 25)
    p.hold(d.u(0.15, 0.5))


def pick_up_two_hands(p: Plan) -> None:
    d = p.dice
    style, floor = _low_style(p), d.u(0.05, 0.4)
    half, front = d.u(0.10, 0.3), d.u(0.28, 0.5)
    p.start(feet=(d.u(-0.02, 0.16), 0.0, d.u(-0.05, 0.05)))
    p.to(
        d.u(0.3, 0.5),
        pitch=d.u(18, 30),
        bend=d.u(15, 30),
        py=0.92,
        both=(d.u(20, 45), 4, 0.95, 0, 0.5),
        nod=d.u(10, 25),
    )
    low = _low(p, style, floor)
    low["py"] += 0.25 * floor
    p.to(d.u(0.35, 0.6), **low, aw=(-half, floor, front), ow=(half, floor, front))
    p.hold(d.u(0.1, 0.35))
    carry = p.reach(-1 + half * 2.0, -d.u(0.15, 0.6), d.u(0.4, 0.6), 10)
    p.relax(d.u(0.6, 1.0), both=carry, bend=d.u(-6, 6), pitch=-d.u(0, 5))
    p.hold(d.u(0.15, 0.6))


def put_down(p: Plan) -> None:
    d = p.dice
    style, floor, two = _low_style(p), d.u(0.04, 0.3), d.chance(0.5)
    half, front = d.u(0.08, 0.25), d.u(0.28, 0.5)
    rest = p.rows[0].copy()
    p.group_suffix = " two hands" if two else " one hand"
    holding = p.reach(-1 + half * 2.0, -d.u(0.2, 0.6), d.u(0.4, 0.6), 10)
    p.start(**({"both": holding} if two else {"a": holding}))
    p.to(d.u(0.15, 0.4), nod=d.u(10, 25))
    low = _low(p, style, floor)
    low["py"] += 0.2 * floor
    if two:
        p.to(d.u(0.5, 0.9), **low, aw=(-half, floor, front), ow=(half, floor, front))
    else:
        p.to(d.u(0.5, 0.9), **low, aw=(-half - 0.08, floor, front), twist=d.u(0, 12))
    p.hold(d.u(0.1, 0.35))
    p.rows.append(rest)
    p.times.append(p.times[-1] + d.u(0.5, 0.9) * p.tempo)
    p.hold(d.u(0.2, 0.6))


def crouch(p: Plan) -> None:
    d = p.dice
    deep = {
        "py": d.u(0.30, 0.42),
        "pz": d.u(-0.1, 0.0),
        "pitch": d.u(20, 35),
        "bend": d.u(20, 40),
        "feet": (d.u(0, 0.12), d.u(0.0, 0.08), 0.0, -30),
    }
    p.to(d.u(0.5, 0.9), **deep, both=p.reach(-0.4, -0.5, 0.6, 15))
    p.hold(d.u(0.5, 1.2))
    p.relax(d.u(0.5, 0.9))


def kneel(p: Plan) -> None:
    d = p.dice
    p.balance = 0.2
    p.to(d.u(0.5, 0.8), fa=(0, 0.0, -0.45, -50), py=0.72, pitch=d.u(5, 15), pz=-0.08)
    p.to(d.u(0.4, 0.7), fa=(0, 0.02, -0.55, -85), py=d.u(0.52, 0.58), pitch=d.u(0, 8), pz=-0.12, fo=(0, 0, 0.25, 0))
    p.hold(d.u(0.5, 1.2))


_SUPINE = {"pitch": -88.0, "bend": 4.0, "nod": 10.0, "py": 0.12}


def _lying(p: Plan) -> dict:
    d = p.dice
    bent = d.chance(0.4)
    reach = d.u(0.6, 0.75) if bent else d.u(0.94, 0.99)
    rise = 20 if bent else 0
    return {
        **_SUPINE, "pz": -0.2, "legs": (d.u(-3, 3) + rise * 0.2, d.u(2, 9), reach, 1.0),
        "both": (d.u(-4, 6), d.u(8, 35), d.u(0.88, 0.97), 20, 0.0),
    }  # fmt: skip


def lie_down(p: Plan) -> None:
    """To the floor over a squat or a kneel, through sitting, onto the back."""
    d = p.dice
    p.balance = 0.2
    p.to(
        d.u(0.5, 0.8),
        py=d.u(0.42, 0.55),
        pz=-0.15,
        pitch=d.u(25, 45),
        bend=d.u(25, 40),
        both=(d.u(10, 40), 15, 0.9, 0, 0.6),
    )
    sit = {"py": 0.13, "pz": -d.u(0.55, 0.7), "pitch": -d.u(12, 30), "bend": d.u(10, 30)}
    p.to(d.u(0.5, 0.8), **sit, both=(-d.u(25, 45), 25, 0.92, 10, 0.0), feet=(0.02, 0.0, d.u(0.0, 0.15)))
    p.to(
        d.u(0.4, 0.7),
        pitch=-d.u(48, 60),
        bend=d.u(15, 30),
        feet=(0.02, 0.0, 0.3, 30),
        both=(-d.u(30, 50), 30, 0.75, 20, 0.0),
    )
    lying = _lying(p)
    lying["pz"] = p.rows[-1][INDEX["pz"]]
    p.to(d.u(0.5, 0.8), **lying)
    p.hold(d.u(0.3, 0.9))


def get_up(p: Plan) -> None:
    """The way of `lie_down` backwards."""
    lie_down(p)
    total = p.times[-1]
    p.rows.reverse()
    p.times = [total - t for t in reversed(p.times)]


def sit_up(p: Plan) -> None:
    d = p.dice
    p.balance = 0.0
    arms = d.pick((p.reach(0.1, 0.3, 0.06, 60), p.reach(-1.6, -0.1, 0.25, 10), (d.u(60, 85), 4, 0.96, 0, 0.0)))
    p.start(**_SUPINE, pz=0.0, both=arms, fa=(0.03, 0, 0.62), fo=(0.03, 0, 0.62))
    p.rows[0][INDEX["py"]] = 0.115
    p.cyclic = d.chance(0.4)
    for _ in range(d.integer(1, 3)):
        p.to(d.u(0.6, 1.0), pitch=-d.u(5, 25) if p.size > 0.8 else -d.u(35, 50), bend=d.u(35, 55), nod=d.u(5, 20))
        if d.chance(0.3):
            p.hold(0.2)
        p.relax(d.u(0.6, 1.0))


def push_up(p: Plan) -> None:
    d = p.dice
    p.balance = 0.0
    wide, depth = d.u(0.2, 0.36), d.u(0.17, 0.26) if p.size > 0.8 else d.u(0.3, 0.4)
    hand = 0.55
    legs = (d.u(-3, 4), 3, 0.99, 1.0)
    hands = {"aw": (-wide, 0.05, hand), "ow": (wide, 0.05, hand)}
    up = {"pitch": 72.0, "bend": d.u(0, 6), "py": 0.44, "pz": 0.0, "nod": -d.u(10, 35), "legs": legs}
    p.start(**up, **hands, right_arm_sw=15.0, left_arm_sw=15.0)
    p.cyclic = d.chance(0.4)
    for _ in range(d.integer(1, 4)):
        p.to(d.u(0.4, 0.7), pitch=86.0, py=depth + 0.02, pz=-0.02)
        p.relax(d.u(0.4, 0.7))


def pull_up(p: Plan) -> None:
    d = p.dice
    p.balance = 0.0
    wide, bar, rise = d.u(0.22, 0.42), d.u(2.42, 2.5), d.u(0.40, 0.52) * min(1.0, p.size)
    hang = 1.12
    bent = d.pick(((0, 3, 0.98, 1.0), (d.u(-15, 0), 5, 0.7, 1.0), (d.u(5, 20), 3, 0.95, 1.0)))
    p.start(py=hang, aw=(-wide, bar, 0.06), ow=(wide, bar, 0.06), legs=bent, bend=0, pitch=d.u(-4, 4))
    p.cyclic = d.chance(0.4)
    for _ in range(d.integer(1, 3)):
        p.to(d.u(0.6, 1.1), py=hang + rise, nod=-d.u(5, 20), pitch=-d.u(0, 8), bend=-d.u(0, 10))
        p.relax(d.u(0.6, 1.1))


def bench_press(p: Plan) -> None:
    d = p.dice
    p.balance = 0.0
    wide = d.u(0.25, 0.5)
    high = (d.u(82, 96), 8, 0.98, 0, 0.0)
    low = (d.u(75, 95), 60, d.u(0.42, 0.55), -10, 0.0)
    p.start(pitch=-90.0, bend=0.0, nod=5.0, py=d.u(0.44, 0.52), feet=(0.15 + wide * 0.2, 0, 0.42), both=high, pz=0.0)
    p.cyclic = d.chance(0.5)
    for _ in range(d.integer(1, 3)):
        p.to(d.u(0.5, 0.9), both=low)
        p.relax(d.u(0.5, 0.9))


def elbow_to_knee(p: Plan) -> None:
    d = p.dice
    hands = p.reach(0.15, 0.28, 0.1, 55)
    p.start(both=hands)
    reach = d.u(0.55, 0.65)
    for n in range(d.integer(1, 4)):
        sign = 1 if n % 2 == 0 else -1
        leg = {"la": (d.u(95, 118), -8, reach, 1.0)} if sign > 0 else {"lo": (d.u(95, 118), -8, reach, 1.0)}
        meet = {"o" if sign > 0 else "a": p.reach(-0.5, 0.12, 0.42, 10)}
        p.to(
            d.u(0.4, 0.6),
            bend=d.u(30, 45),
            twist=-sign * d.u(28, 45),
            side=sign * d.u(0, 8),
            px=0.05 * sign,
            **leg,
            **meet,
        )
        p.relax(d.u(0.35, 0.55))


def stretch(p: Plan) -> None:
    d = p.dice
    up = (d.u(165, 185), d.u(-8, 12), d.u(0.93, 0.99), 0, 0.0)
    kind = d.pick(("up", "side", "wide"))
    if kind == "wide":
        p.to(d.u(0.5, 0.8), both=(-d.u(0, 20), d.u(75, 100), 0.97, 0, 0), bend=-d.u(8, 20), nod=-d.u(5, 25))
        p.hold(d.u(0.4, 0.9))
    else:
        p.to(d.u(0.6, 0.9), both=up, bend=-d.u(4, 15), nod=-d.u(5, 25))
        p.hold(d.u(0.2, 0.5))
        if kind == "side":
            p.to(d.u(0.4, 0.7), side=d.u(15, 28), roll=d.u(0, 8))
            p.hold(d.u(0.2, 0.4))
            p.to(d.u(0.5, 0.8), side=-d.u(15, 28), roll=-d.u(0, 8))
    p.relax(d.u(0.5, 0.9))


def touch_toes(p: Plan) -> None:
    d = p.dice
    p.to(
        d.u(0.7, 1.1),
        pitch=d.u(56, 70),
        bend=d.u(44, 58),
        py=0.96,
        aw=(-0.12, 0.1, 0.18),
        ow=(0.12, 0.1, 0.18),
        nod=10,
    )
    p.hold(d.u(0.2, 0.8))
    p.relax(d.u(0.6, 1.0))
