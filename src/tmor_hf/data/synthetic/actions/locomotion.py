# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""How bodies travel: walking, running, sneaking, marching, hopping. Plans are written for the right side."""

from __future__ import annotations

from ..controls import HOP, INDEX, GaitStyle, Plan


def _stride(p: Plan, rate: float, length: float) -> tuple[float, float]:
    """Draws a gait rate (cycles/s) and the speed (leg lengths/s) that goes with it."""
    d = p.dice
    rate = rate * d.u(0.85, 1.15) / p.tempo
    return rate, rate * length * d.u(0.85, 1.15) * p.size**0.5


def _walking_style(p: Plan) -> GaitStyle:
    d = p.dice
    return GaitStyle(
        duty=d.u(0.58, 0.66), lift=d.u(0.06, 0.15), width=d.u(0.6, 1.3), sway=d.u(0.0, 0.05), bob=d.u(0.0, 0.02),
        swing=d.u(8, 38), twist=d.u(1, 9), roll_off=d.u(12, 38),
    )  # fmt: skip


def _running_style(p: Plan) -> GaitStyle:
    d = p.dice
    return GaitStyle(
        duty=d.u(0.30, 0.42), lift=d.u(0.28, 0.5), width=d.u(0.3, 1.0), sway=d.u(0.0, 0.02), bob=-d.u(0.02, 0.05),
        swing=d.u(25, 55), twist=d.u(5, 14), roll_off=d.u(20, 40),
    )  # fmt: skip


def _travel(p: Plan, rate: float, speed: float, seconds: float, turn: float = 0.0, **posture) -> None:
    """Moves on for some seconds, sometimes from a stand, sometimes to a stand."""
    d = p.dice
    p.cyclic = True
    going = {"gait": rate, "speed": speed, "turn": turn, **posture}
    if d.chance(0.35):
        p.to(d.u(0.05, 0.3))
        p.to(d.u(0.3, 0.6), **going)
        p.cyclic = False
    else:
        p.start(**going)
    p.to(seconds * 0.5, speed=speed * d.u(0.92, 1.08), turn=turn * d.u(0.8, 1.2))
    p.to(seconds * 0.5, speed=speed * d.u(0.92, 1.08), turn=turn * d.u(0.8, 1.2))
    if not p.cyclic or d.chance(0.2):
        p.cyclic = False
        p.to(d.u(0.4, 0.7), gait=0.0, speed=0.0, turn=0.0)
        p.hold(d.u(0.1, 0.5))


def stand(p: Plan) -> None:
    d = p.dice
    p.cyclic = True
    if d.chance(0.5):
        p.swing("px", d.u(0.02, 0.07), d.u(0.15, 0.35), d.unit())
    for _ in range(d.integer(1, 3)):
        p.to(d.u(0.6, 1.2), look=d.u(-35, 35), nod=d.u(-8, 20), twist=d.u(-8, 8), side=d.u(-3, 3))


def walk(p: Plan) -> None:
    p.gait_style = _walking_style(p)
    rate, speed = _stride(p, 0.92, 1.5)
    d = p.dice
    if d.chance(0.3):  # about the room, with changes of direction
        p.cyclic = True
        p.start(gait=rate, speed=speed)
        for _ in range(d.integer(2, 3)):
            p.to(d.u(0.7, 1.3), turn=d.u(-70, 70), speed=speed * d.u(0.7, 1.0))
        p.detail("around the room", "here and there")
    else:
        _travel(p, rate, speed, d.u(1.8, 3.5), turn=d.u(-12, 12), bend=d.u(-2, 10))


def walk_turn(p: Plan) -> None:
    p.gait_style = _walking_style(p)
    rate, speed = _stride(p, 0.92, 1.3)
    d = p.dice
    p.cyclic = True
    p.start(gait=rate, speed=speed)
    p.to(d.u(0.4, 1.1))
    seconds = d.u(0.7, 1.4)
    turn = -d.u(60, 110) / (seconds * 0.6)
    p.to(seconds * 0.3, turn=turn, look=-d.u(5, 20))
    p.to(seconds * 0.6)
    p.to(seconds * 0.3, turn=0.0, look=0.0)
    p.to(d.u(0.4, 1.0))


def walk_circle(p: Plan) -> None:
    p.gait_style = _walking_style(p)
    rate, speed = _stride(p, 0.92, 1.25)
    _travel(p, rate, speed, p.dice.u(2.2, 3.6), turn=-p.dice.u(45, 95), roll=p.dice.u(0, 4))


def walk_backwards(p: Plan) -> None:
    p.gait_style = _walking_style(p)._replace(roll_off=10.0)
    rate, speed = _stride(p, 0.8, 0.95)
    _travel(p, rate, -speed, p.dice.u(2.0, 3.2), bend=p.dice.u(0, 10), look=p.dice.u(-40, 40))


def side_step(p: Plan) -> None:
    p.gait_style = _walking_style(p)._replace(swing=4.0, twist=0.0, roll_off=8.0, width=1.6)
    rate, speed = _stride(p, 0.9, 0.75)
    _travel(p, rate, 0.0, p.dice.u(1.8, 3.0), strafe=-speed, look=-p.dice.u(0, 40))


def _run_posture(p: Plan) -> dict:
    d = p.dice
    elbow = d.u(0.62, 0.8)
    return {
        "pitch": d.u(4, 14),
        "bend": d.u(2, 12),
        "py": d.u(0.92, 0.97),
        "both": (d.u(2, 18), d.u(8, 16), elbow, 0, 0.0),
    }


def run(p: Plan) -> None:
    p.gait_style = _running_style(p)
    rate, speed = _stride(p, 1.38, 2.3)
    _travel(p, rate, speed, p.dice.u(1.4, 2.6), turn=p.dice.u(-10, 10), **_run_posture(p))


def jog_circle(p: Plan) -> None:
    p.gait_style = _running_style(p)
    rate, speed = _stride(p, 1.32, 1.6)
    _travel(p, rate, speed, p.dice.u(1.6, 2.8), turn=-p.dice.u(50, 110), roll=p.dice.u(2, 8), **_run_posture(p))


def jog_in_place(p: Plan) -> None:
    p.gait_style = _running_style(p)
    rate, _ = _stride(p, 1.4, 1.0)
    _travel(p, rate, p.dice.u(-0.05, 0.1), p.dice.u(1.4, 2.6), **_run_posture(p))


def sneak(p: Plan) -> None:
    d = p.dice
    p.gait_style = GaitStyle(
        duty=d.u(0.66, 0.74), lift=d.u(0.14, 0.30), width=d.u(0.9, 1.6), sway=d.u(0.03, 0.07), bob=0.01,
        swing=d.u(4, 20), twist=d.u(2, 8), roll_off=d.u(15, 40),
    )  # fmt: skip
    rate, speed = _stride(p, 0.55, 1.1)
    posture = {"py": d.u(0.76, 0.9), "pitch": d.u(8, 22), "bend": d.u(15, 35), "nod": d.u(-20, 0)}
    if d.chance(0.6):
        posture["both"] = (d.u(25, 60), d.u(8, 30), d.u(0.55, 0.8), d.u(0, 30), 0.2)
    p.swing("look", d.u(5, 30), d.u(0.25, 0.5), d.unit())
    _travel(p, rate, speed, d.u(2.2, 3.6), turn=d.u(-15, 15), **posture)


def limp(p: Plan) -> None:
    d = p.dice
    p.gait_style = _walking_style(p)._replace(drag=d.u(0.7, 1.3), duty=d.u(0.62, 0.68))
    rate, speed = _stride(p, 0.75, 1.0)
    posture = {"bend": d.u(5, 20)}
    if d.chance(0.35):
        posture["a"] = p.reach(0.1, -0.85, 0.3, 10, 0.0)  # hand on the hurt thigh
    phase = d.unit()
    p.swing("roll", d.u(5, 10), rate * p.tempo, phase)
    p.swing("side", d.u(4, 9), rate * p.tempo, phase)
    p.swing("py", d.u(0.03, 0.06), rate * p.tempo, phase)
    _travel(p, rate, speed, d.u(2.0, 3.4), **posture)


def march(p: Plan) -> None:
    d = p.dice
    p.gait_style = GaitStyle(
        duty=d.u(0.56, 0.62), lift=d.u(0.32, 0.58), width=1.0, sway=d.u(0.01, 0.04), bob=0.0, swing=d.u(30, 60),
        twist=d.u(2, 7), roll_off=12.0,
    )  # fmt: skip
    rate, speed = _stride(p, 0.95, 0.9)
    on_the_spot = d.chance(0.6)
    p.detail("on the spot" if on_the_spot else "forwards")
    _travel(
        p, rate, 0.0 if on_the_spot else speed, d.u(1.8, 3.0), bend=d.u(-4, 3), both=(0, 6, d.u(0.9, 0.98), 0, 0.3)
    )


def turn_around(p: Plan) -> None:
    d = p.dice
    p.gait_style = _walking_style(p)._replace(swing=8.0, lift=d.u(0.06, 0.12))
    angle, seconds = -d.u(150, 200), d.u(0.9, 1.6)
    p.to(0.15, look=-d.u(10, 40))
    p.to(
        seconds * 0.3,
        turn=angle / (seconds * 0.7) / p.tempo,
        gait=1.15 / p.tempo,
        speed=d.u(-0.1, 0.2),
        twist=-d.u(0, 15),
    )
    p.to(seconds * 0.4)
    p.to(seconds * 0.3, turn=0.0, gait=0.0, speed=0.0, look=0.0, twist=0.0)
    p.hold(0.2)


def _hops(p: Plan, rate: float, height: float, seconds: float, forward: float = 0.0) -> None:
    """Bounces on both legs; the pelvis dips and the knees bend between flights."""
    d = p.dice
    p.follows_root = True
    p.cyclic = True
    dip = d.u(0.06, 0.14)
    p.start(py=0.97 - dip * 0.5, speed=forward, feet=(d.u(-0.1, 0.05), 0.0))
    p.to(seconds)
    phase = d.unit()
    p.swing("air", height, rate, phase, HOP)
    p.swing("py", dip, rate, phase, HOP)
    p.swing("bend", 5, rate, phase + 0.6)


def hop_both_legs(p: Plan) -> None:
    d = p.dice
    forward = d.pick((0.0, d.u(0.3, 1.0)))
    p.detail("forwards" if forward else "on the spot")
    _hops(p, d.u(1.3, 2.1), d.u(0.10, 0.25) * p.size, d.u(1.4, 2.6), forward)
    if d.chance(0.5):
        p.start(both=(d.u(5, 40), d.u(10, 40), d.u(0.6, 0.9), 10, 0.0))


def hop_one_leg(p: Plan) -> None:
    d = p.dice
    _hops(p, d.u(1.3, 2.0), d.u(0.08, 0.18) * p.size, d.u(1.4, 2.4), d.pick((0.0, d.u(0.3, 0.9))))
    lifted = (d.u(10, 60), d.u(2, 12), d.u(0.6, 0.8), 1.0)
    for row in p.rows:
        row[INDEX["left_leg_al"] : INDEX["left_leg_al"] + 4] = lifted
        row[INDEX["px"]] = -0.08
        row[INDEX["right_leg_out"]] = -0.08


def jump_rope(p: Plan) -> None:
    d = p.dice
    rate = d.u(1.6, 2.4)
    _hops(p, rate, d.u(0.05, 0.14) * p.size, d.u(1.4, 2.6))
    p.start(both=(d.u(-2, 25), d.u(22, 45), d.u(0.72, 0.9), d.u(-15, 10), 0.0))
    p.rows[-1] = p.rows[0].copy()
    phase, circle = d.unit(), d.u(5, 14)
    for arm in ("a", "o"):
        p.swing(f"{arm}_al", circle, rate, phase)
        p.swing(f"{arm}_be", circle * 0.6, rate, phase + 0.25)


def jumping_jacks(p: Plan) -> None:
    d = p.dice
    rate, seconds = d.u(0.75, 1.15), d.u(1.8, 3.0)
    count = max(2, round(seconds * rate))
    width, top = d.u(0.28, 0.42) * p.size, d.u(135, 172) if p.size > 0.8 else d.u(95, 130)
    half = 0.5 / rate
    p.cyclic = d.chance(0.6)
    for _ in range(count):
        p.to(half * 0.5, py=0.96, air=0.07)
        p.to(half * 0.5, both=(d.u(-5, 8), top, 0.95, 0, 0), feet=(width, 0.0), py=0.94, air=0.0)
        p.to(half * 0.5, py=0.96, air=0.07)
        p.to(half * 0.5, both=(0, d.u(6, 18), 0.95, 0, 0), feet=(0.0, 0.0), py=0.95, air=0.0)


def jump(p: Plan) -> None:
    d = p.dice
    p.follows_root = True
    height, forward = d.u(0.22, 0.5) * p.size, d.pick((0.0, d.u(0.8, 2.0)))
    p.detail("forwards" if forward else "straight up")
    p.to(d.u(0.3, 0.5), py=d.u(0.68, 0.82), pitch=d.u(15, 30), bend=d.u(15, 35), both=(-d.u(15, 45), 12, 0.92, 0, 0))
    up = (d.u(70, 175), d.u(5, 30), 0.93, 0, 0)
    p.to(0.18, py=0.99, pitch=4, bend=0, both=up, speed=forward, air=0.02)
    p.to(0.20, air=height, py=0.97)
    p.to(0.20, air=0.0, py=0.92, both=(d.u(20, 60), 20, 0.85, 0, 0), speed=forward * 0.4)
    p.to(0.15, py=d.u(0.74, 0.86), pitch=d.u(8, 22), bend=d.u(10, 25), speed=0.0)
    p.relax(d.u(0.35, 0.6))
