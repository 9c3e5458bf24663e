# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Throws, strikes, swings and lifts. Written for a right-handed player who faces +z."""

from __future__ import annotations

from ..controls import LEFT_ARM, RIGHT_ARM, Plan


def throw(p: Plan) -> None:
    """One hand: over the shoulder, from the side, or underarm."""
    d = p.dice
    style = d.pick(("over", "over", "over", "side", "under"))
    step = d.u(0.2, 0.5) * p.size if d.chance(0.6) else 0.0
    stance = {"fo": (0.0, 0.0, step, 0.0), "pz": step * 0.5}
    wind = d.u(15, 38) * p.size
    if style == "over":
        back = p.reach(d.u(0.6, 1.3), d.u(0.15, 0.4), -d.u(0.2, 0.4), d.u(15, 40))
        release, end = (d.u(105, 140), d.u(0, 20), 0.96, 0, 0.0), (d.u(25, 55), -d.u(10, 28), 0.93, 0, 0.0)
    elif style == "side":
        back = (-d.u(10, 40), d.u(60, 80), d.u(0.75, 0.92), 10, 0.0)
        release, end = (d.u(70, 90), d.u(10, 40), 0.97, 0, 0.0), (d.u(70, 90), -d.u(25, 45), 0.9, 0, 0.0)
    else:
        p.detail("underarm")
        back = (-d.u(35, 65), d.u(5, 15), 0.96, 0, 0.0)
        release, end = (d.u(45, 75), 0, 0.98, 0, 0.0), (d.u(85, 125), -5, 0.95, 0, 0.0)
    if d.chance(0.5):
        p.start(a=p.reach(-0.6, -0.3, 0.45, 5))
    front = (d.u(30, 85), d.u(-5, 25), d.u(0.8, 0.95), 0, 0.0) if d.chance(0.6) else p.rest_left
    p.to(d.u(0.4, 0.65), a=back, o=front, twist=-wind, yaw=-wind * 0.6, bend=-d.u(0, 8), pz=-0.06)
    p.to(d.u(0.16, 0.26), a=release, o=p.rest_left, twist=wind * 0.3, yaw=wind * 0.2, bend=d.u(2, 12), **stance)
    p.to(d.u(0.14, 0.24), a=end, twist=wind * 0.9, yaw=wind * 0.4, bend=d.u(8, 25), pitch=d.u(2, 14))
    p.hold(d.u(0.05, 0.3))
    p.relax(d.u(0.4, 0.7), a=p.rest_right)


def throw_basketball(p: Plan) -> None:
    """Two hands: a shot over the head, or a pass from the chest."""
    d = p.dice
    hold = p.reach(-d.u(0.55, 0.75), -d.u(0.1, 0.4), 0.42, 15)
    p.start(both=hold)
    if d.chance(0.75):
        p.to(d.u(0.3, 0.5), py=d.u(0.84, 0.94), pitch=d.u(5, 15), both=p.reach(-0.6, 0.1, 0.35, 20))
        p.to(d.u(0.15, 0.3), both=p.reach(-0.55, 0.45, 0.25, 30), py=0.95)
        rise = d.u(0.0, 0.16) if d.chance(0.6) else 0.0
        p.to(
            d.u(0.16, 0.28), both=(d.u(135, 160), d.u(-8, 4), 0.97, 0, 0.0), py=1.0, pitch=0, air=rise, nod=-d.u(8, 25)
        )
        p.to(d.u(0.2, 0.35), air=0.0, py=0.95, both=(d.u(110, 140), -4, 0.93, 0, 0.0))
    else:
        p.detail("from the chest")
        p.to(d.u(0.25, 0.4), both=p.reach(-0.6, -0.1, 0.25, 25), bend=-3)
        p.to(d.u(0.16, 0.28), both=p.reach(-0.6, 0.0, 0.96, 0), bend=d.u(5, 18), fo=(0, 0, d.u(0.0, 0.35), 0), pz=0.08)
    p.hold(d.u(0.1, 0.4))
    p.relax(d.u(0.4, 0.7), both=p.rest_right)


def bowl(p: Plan) -> None:
    """The ten-pin ball: backswing, long low step, release near the floor."""
    d = p.dice
    p.start(both=p.reach(-d.u(0.4, 0.7), -0.3, 0.4, 5))
    p.to(
        d.u(0.35, 0.6),
        a=(d.u(10, 30), 4, 0.95, 0, 0.3),
        o=(d.u(10, 30), 20, 0.9, 0, 0.3),
        pitch=d.u(5, 15),
        fa=(0, 0, 0.15),
    )
    step = d.u(0.5, 0.8)
    p.to(
        d.u(0.35, 0.6),
        a=(-d.u(50, 85), 8, 0.98, 0, 0.3),
        o=(d.u(10, 50), d.u(40, 65), 0.94, 0, 0.0),
        pitch=d.u(22, 35),
        bend=d.u(12, 25),
        py=0.9,
        fo=(-0.05, 0.05, step * 0.5),
        pz=0.12,
    )
    p.to(
        d.u(0.25, 0.38),
        a=(d.u(5, 25), -2, 0.98, 0, 0.7),
        o=(-d.u(0, 30), d.u(50, 75), 0.95, 0, 0.0),
        py=d.u(0.66, 0.78),
        pitch=d.u(32, 45),
        bend=d.u(20, 32),
        fo=(-0.05, 0, step),
        fa=(-0.18, 0.04, -0.25, -35),
        pz=step * 0.65,
    )
    p.to(d.u(0.22, 0.35), a=(d.u(95, 145), -5, 0.92, 0, 0.4), pitch=d.u(18, 30), py=d.u(0.74, 0.84))
    p.hold(d.u(0.2, 0.6))


def baseball_pitch(p: Plan) -> None:
    d = p.dice
    hands = p.reach(-0.95, -0.15, 0.38, 15)
    side_on = -d.u(55, 85)
    p.start(both=hands, yaw=side_on * 0.5)
    lift = d.u(75, 105) * p.size
    p.to(
        d.u(0.5, 0.8),
        both=p.reach(-0.95, 0.0, 0.36, 20),
        yaw=side_on,
        lo=(lift, -5, d.u(0.6, 0.75), 1.0),
        px=-0.05,
        bend=8,
    )
    p.to(
        d.u(0.35, 0.5),
        a=(-d.u(0, 30), d.u(70, 85), 0.92, 0, 0.0),
        o=(d.u(30, 70), d.u(60, 80), 0.95, 0, 0.0),
        yaw=side_on * 0.8,
        lo=(30, 20, 0.95, 0.5),
        fo=(-0.1, 0.1, 0.5),
        pz=0.2,
        py=0.88,
    )
    p.to(
        d.u(0.18, 0.26),
        a=p.reach(1.1, 0.4, -0.25, 35),
        o=p.reach(0.2, -0.1, 0.5, 10),
        yaw=side_on * 0.25,
        twist=-15,
        lo=(30, 10, 0.97, 0.0),
        fo=(-0.1, 0, d.u(0.75, 0.95)),
        pz=0.42,
        py=0.8,
        bend=0,
    )
    p.to(d.u(0.12, 0.2), a=(d.u(110, 135), 20, 0.97, 0, 0.0), yaw=10, twist=15, bend=15, pitch=15, pz=0.5)
    p.to(
        d.u(0.2, 0.3),
        a=(d.u(20, 45), -d.u(20, 35), 0.92, 0, 0.0),
        yaw=30,
        twist=25,
        bend=d.u(28, 42),
        pitch=d.u(20, 38),
        fa=(-0.1, 0.2, -0.1, -50),
        pz=0.6,
    )
    p.hold(d.u(0.2, 0.4))


def _two_hands(p: Plan, out: float, up: float, front: float) -> dict:
    """Both hands together at a place relative to the middle between the shoulders (out = half widths to the right)."""
    return {"a": p.reach(out - 1.0, up, front, 10), "o": p.reach(-out - 1.0, up, front, 10)}


def baseball_swing(p: Plan) -> None:
    """A right-handed batter, side-on: the pelvis looks away from the ball at first."""
    d = p.dice
    start = -d.u(0, 15)
    p.balance = 0.6
    p.start(
        **_two_hands(p, 1.0, d.u(0.0, 0.2), 0.22),
        py=d.u(0.88, 0.94),
        bend=12,
        pitch=8,
        look=d.u(40, 65),
        feet=(0.1, 0),
        yaw=start,
        twist=-8,
    )
    p.swing("a_al", d.u(2, 6), d.u(1, 2), d.unit(), end=0.4)
    p.to(d.u(0.35, 0.6), yaw=start - d.u(8, 20), twist=-d.u(15, 28), fo=(0.08, 0.06, 0.0), px=-0.05)
    p.to(
        d.u(0.16, 0.24),
        **_two_hands(p, 0.2, -0.3, 0.68),
        yaw=d.u(30, 45),
        twist=d.u(8, 22),
        fo=(d.u(0.25, 0.4), 0, 0),
        px=0.08,
        look=20,
    )
    p.to(
        d.u(0.12, 0.2),
        **_two_hands(p, -1.1, -0.1, 0.6),
        yaw=d.u(60, 80),
        twist=d.u(25, 40),
        fa=(0.1, 0.04, 0, -30),
        look=-10,
    )
    p.to(d.u(0.2, 0.35), **_two_hands(p, -1.3, d.u(0.2, 0.4), 0.15), yaw=d.u(70, 90))
    p.hold(d.u(0.2, 0.5))


def golf_swing(p: Plan) -> None:
    d = p.dice
    lean = d.u(24, 36)
    address = {
        **_two_hands(p, 0.0, -0.82, 0.38),
        "pitch": lean * 0.7,
        "bend": lean * 0.6,
        "py": d.u(0.9, 0.95),
        "nod": 12,
        "feet": (0.1, 0),
    }
    p.start(**address)
    p.to(d.u(0.2, 0.5))
    p.to(
        d.u(0.5, 0.8),
        a=p.reach(0.7, 0.22, 0.32, 10),
        o=p.reach(-2.6, 0.2, 0.5, 10),
        twist=-d.u(45, 65) * p.size,
        yaw=-d.u(22, 38),
        look=d.u(30, 55),
        px=-0.04,
    )
    p.to(d.u(0.18, 0.28), **_two_hands(p, 0.0, -0.85, 0.34), twist=5, yaw=d.u(12, 28), look=0, px=0.05)
    p.to(
        d.u(0.16, 0.25),
        a=p.reach(-2.6, 0.15, 0.5, 10),
        o=p.reach(0.7, 0.15, 0.32, 10),
        twist=d.u(35, 55),
        yaw=d.u(45, 65),
        pitch=lean * 0.3,
        bend=lean * 0.2,
        fa=(0.1, 0.04, 0, -35),
        px=0.1,
    )
    p.to(
        d.u(0.2, 0.35),
        a=p.reach(-2.0, 0.35, 0.2, 15),
        o=p.reach(0.4, 0.35, -0.05, 15),
        yaw=d.u(65, 85),
        look=10,
        bend=-4,
    )
    p.hold(d.u(0.3, 0.7))


def tennis_forehand(p: Plan) -> None:
    d = p.dice
    p.start(**_two_hands(p, 0.1, -0.3, 0.45), py=d.u(0.88, 0.94), pitch=8, bend=10, feet=(0.08, 0))
    p.to(
        d.u(0.4, 0.65),
        a=(-d.u(15, 45), d.u(45, 75), d.u(0.8, 0.95), 10, 0.0),
        o=(d.u(55, 90), d.u(0, 30), 0.9, 0, 0.0),
        twist=-d.u(25, 42) * p.size,
        yaw=-d.u(25, 50),
        look=d.u(20, 45),
    )
    step = d.u(0.2, 0.5)
    p.to(
        d.u(0.16, 0.26),
        a=(d.u(40, 68), d.u(15, 40), 0.96, 0, 0.0),
        o=(d.u(30, 60), 30, 0.7, 10, 0.0),
        twist=0,
        yaw=d.u(-5, 15),
        look=0,
        fo=(0, 0, step),
        pz=step * 0.5,
    )
    p.to(
        d.u(0.16, 0.26),
        a=p.reach(-1.7, d.u(0.05, 0.3), 0.4, 25),
        twist=d.u(20, 35),
        yaw=d.u(15, 35),
        o=p.reach(0.2, -0.25, 0.35, 10),
        fa=(0, 0.03, 0.05, -30),
    )
    p.hold(d.u(0.1, 0.35))
    p.relax(d.u(0.4, 0.6))


def tennis_serve(p: Plan) -> None:
    d = p.dice
    side_on = -d.u(35, 65)
    p.start(**_two_hands(p, -0.2, -0.35, 0.5), yaw=side_on, look=-side_on * 0.8, fo=(0, 0, 0.2), twist=0)
    p.to(d.u(0.35, 0.5), a=(-d.u(5, 25), d.u(20, 45), 0.95, 0, 0.0), o=(d.u(10, 30), 4, 0.95, 0, 0.3))
    p.to(
        d.u(0.4, 0.6),
        a=p.reach(1.1, 0.1, -0.2, 30),
        o=(d.u(150, 175), d.u(5, 20), 0.98, 0, 0.0),
        bend=-d.u(5, 18),
        nod=-d.u(15, 32),
        py=d.u(0.86, 0.93),
        side=d.u(0, 8),
        twist=-d.u(8, 20),
    )
    p.to(
        d.u(0.16, 0.25), a=p.reach(0.3, 0.42, -0.22, 55), o=(d.u(90, 130), 10, 0.8, 0, 0.0), py=0.97, yaw=side_on * 0.4
    )
    rise = d.u(0.0, 0.18) if d.chance(0.6) else 0.0
    p.to(
        d.u(0.14, 0.22),
        a=(d.u(158, 175), d.u(5, 20), 0.985, 0, 0.0),
        o=p.reach(-0.5, -0.2, 0.3, 10),
        yaw=5,
        twist=10,
        bend=0,
        air=rise,
        py=1.0,
    )
    p.to(
        d.u(0.18, 0.28),
        a=(d.u(25, 60), -d.u(20, 38), 0.94, 0, 0.0),
        yaw=25,
        twist=22,
        bend=d.u(18, 35),
        pitch=d.u(10, 25),
        air=0,
        py=0.92,
        nod=5,
        fa=(0, 0.15, 0.1, -40),
        pz=0.12,
    )
    p.hold(d.u(0.15, 0.4))
    p.relax(d.u(0.4, 0.6))


def clean_and_jerk(p: Plan) -> None:
    d = p.dice
    wide, bar = d.u(0.28, 0.42), d.u(0.22, 0.3)
    p.balance = 0.7
    grip = {"aw": (-wide, bar, 0.2), "ow": (wide, bar, 0.2)}
    p.start(feet=(0.03, 0), py=d.u(0.52, 0.62), pz=-0.12, pitch=d.u(42, 52), bend=d.u(14, 24), nod=-30, **grip)
    free = (d.u(0, 10), d.u(10, 18), 0.98, 10, 0.8)
    p.rows[0][LEFT_ARM] = p.rows[0][RIGHT_ARM] = 20.0
    p.to(d.u(0.3, 0.6))
    p.to(d.u(0.3, 0.45), py=0.95, pitch=8, bend=0, pz=0.0, both=free, nod=-5)
    rack = p.reach(0.15, 0.0, 0.26, 5)
    p.to(d.u(0.2, 0.3), both=p.reach(0.3, -0.3, 0.3, 50), py=1.0, feet=(0.05, 0.02, 0, -25))
    p.to(d.u(0.2, 0.3), both=rack, py=d.u(0.48, 0.7), pitch=12, bend=8, feet=(0.1, 0, 0, 0))
    p.to(d.u(0.4, 0.7), py=0.97, pitch=0, bend=0)
    p.hold(d.u(0.2, 0.6))
    p.to(d.u(0.18, 0.28), py=0.89)
    over = (d.u(172, 186), d.u(14, 26), 0.985, 0, 0.0)
    if d.chance(0.6):
        p.to(d.u(0.18, 0.28), both=over, py=0.82, fa=(0.05, 0, 0.4), fo=(0.05, 0.02, -0.4, -35))
        p.to(d.u(0.4, 0.6), py=0.97, fa=(0.05, 0, 0), fo=(0.05, 0, 0, 0))
    else:
        p.to(d.u(0.2, 0.3), both=over, py=0.97)
    p.hold(d.u(0.3, 0.8))


def strum_guitar(p: Plan) -> None:
    d = p.dice
    p.cyclic = True
    sitting = d.chance(0.25)
    body = {"nod": d.u(5, 30), "bend": d.u(0, 14), "look": d.u(0, 30)}
    if sitting:
        p.balance = 0.3
        body |= {"py": p.seat, "pz": -0.48, "pitch": -6}
        p.detail("while sitting")
    neck = p.reach(d.u(0.2, 0.9), d.u(-0.4, -0.05), d.u(0.42, 0.6), d.u(5, 20))
    p.start(a=p.reach(-d.u(0.5, 1.0), -d.u(0.45, 0.62), d.u(0.25, 0.36), d.u(10, 30)), o=neck, **body)
    for _ in range(d.integer(1, 3)):
        shift = d.u(-0.1, 0.15)
        p.to(d.u(0.6, 1.1), o=(neck[0], neck[1], min(0.95, neck[2] + shift), *neck[3:]))
    rate = d.u(1.2, 3.0)
    p.swing("a_al", d.u(5, 14) * p.size, rate, d.unit())
    p.swing("a_r", d.u(0.02, 0.06), rate, d.unit())
    p.swing("nod", d.u(0, 5), rate / 2, d.unit())


def kick(p: Plan) -> None:
    d = p.dice
    height = d.u(55, 95) * p.size
    arms = (d.u(5, 45), d.u(10, 35), d.u(0.6, 0.95), 5, 0.0)
    p.to(d.u(0.3, 0.5), la=(-d.u(18, 40), 4, d.u(0.78, 0.92), 1.0), px=0.09, both=arms, pitch=d.u(0, 8), py=0.96)
    if d.chance(0.4):
        p.to(d.u(0.15, 0.22), la=(height, 4, d.u(0.55, 0.7), 1.0))
    p.to(
        d.u(0.14, 0.24),
        la=(height, d.u(0, 10), 0.985, 1.0),
        pitch=-d.u(5, 18),
        bend=d.u(0, 14),
        o=(d.u(20, 55), 15, 0.9, 0, 0.0),
    )
    p.to(d.u(0.2, 0.35), la=(d.u(25, 45), 3, 0.75, 1.0), pitch=0)
    p.relax(d.u(0.3, 0.5))


def punch(p: Plan) -> None:
    d = p.dice
    guard = {
        "a": p.reach(-d.u(0.3, 0.6), d.u(-0.05, 0.15), 0.35, 10),
        "o": p.reach(-d.u(0.3, 0.6), d.u(-0.05, 0.15), 0.42, 10),
    }
    stance = {"fo": (0.02, 0, d.u(0.1, 0.3)), "yaw": -d.u(5, 30), "py": d.u(0.9, 0.96)}
    if d.chance(0.6):
        p.start(**guard, **stance)
    p.to(d.u(0.2, 0.4), a=p.reach(d.u(0.0, 0.4), -d.u(0.0, 0.25), 0.15, 10), o=guard["o"], twist=-d.u(10, 25))
    up = d.u(-0.1, 0.25)
    for n in range(d.integer(1, 3)):
        if n:
            p.to(d.u(0.18, 0.3), a=guard["a"], twist=-d.u(5, 20))
        p.to(
            d.u(0.12, 0.2),
            a=p.reach(-d.u(0.5, 1.0), up, 0.93, 5),
            twist=d.u(12, 32) * p.size,
            bend=d.u(4, 16),
            pz=d.u(0.02, 0.12),
        )
    p.hold(0.08)
    p.to(d.u(0.2, 0.35), **guard, twist=0, pz=0)
    if d.chance(0.6):
        p.relax(d.u(0.3, 0.5))


def slash(p: Plan) -> None:
    """A stroke with a stick or sword held in both hands or one."""
    d = p.dice
    two = d.chance(0.5)
    over = _two_hands(p, 0.2, d.u(0.35, 0.6), 0.1) if two else {"a": p.reach(0.2, d.u(0.35, 0.6), -0.05, 40)}
    low = _two_hands(p, -0.5, -0.6, 0.55) if two else {"a": p.reach(-1.6, -0.5, 0.6, 5)}
    if d.chance(0.6):
        p.start(**(_two_hands(p, 0.0, -0.4, 0.5) if two else {"a": p.reach(-0.3, -0.3, 0.6, 5)}))
    p.to(d.u(0.35, 0.6), **over, bend=-d.u(0, 8), twist=-d.u(5, 20))
    step = d.u(0, 0.4)
    p.to(d.u(0.16, 0.26), **low, bend=d.u(10, 30), twist=d.u(8, 25), fa=(0, 0, step), pz=step * 0.45)
    p.hold(d.u(0.15, 0.4))
    p.relax(d.u(0.4, 0.6))
