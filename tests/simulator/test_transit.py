"""What is on its way arrives in the order of its arrival and, of one moment, in the order it was sent."""

from hypothesis import given
from hypothesis import strategies as st

from kasauti.simulator.transit import NEVER, Cancellation, Transit

_steps = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.integers(0, 4), st.sampled_from("ABC")),
        st.tuples(st.just("arrive"), st.just(0), st.just("")),
        st.tuples(st.just("drop"), st.just(0), st.sampled_from("ABC")),
    ),
    max_size=30,
)


@given(_steps)
def test_requests_arrive_as_from_a_sorted_list(steps: list[tuple[str, int, str]]) -> None:
    transit, waiting = Transit(), list[tuple[int, int, Cancellation]]()
    for number, (step, moment, order_id) in enumerate(steps):
        if step == "send":
            request = Cancellation(order_id, str(number))
            waiting.append((moment, number, request))
            due = transit.send(request, moment)
            assert due == min(waiting)[0]
        elif step == "drop":
            transit.drop(order_id)
            waiting = [each for each in waiting if each[2].order_id != order_id]
        elif waiting:
            first = min(waiting, key=lambda each: each[:2])
            waiting.remove(first)
            assert transit.arrive() == (first[0], first[2])
        assert transit.due == min((each[0] for each in waiting), default=NEVER)
