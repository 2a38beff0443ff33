"""`explain()`: the request as it is sent, the key and why, the cost so far."""

from __future__ import annotations

from dynamorm_py import Attr, Key, Repo, fields
from tests.support.reading import Person, Scripted, Summary, page, u
from tests.support.shop import Order

o = fields(Order)


def test_the_request_explained_is_the_request_sent() -> None:
    client = Scripted(page([]))
    query = Repo(Person, client=client).query(
        Key(u.pk) == "A",
        Key(u.score) > 1,
        filter=Attr(u.weight) > 1,
        ascending=False,
        page_size=7,
        consistent=True,
        project=Summary,
    )
    explanation = query.explain()
    assert client.requests == []
    query.all()
    assert client.requests[0].parameters == explanation.request
    assert explanation.request == {
        "TableName": "people",
        "IndexName": "by-score",
        "KeyConditionExpression": "#n0 = :v0 AND #n1 > :v1",
        "FilterExpression": "#n2 > :v1",
        "ProjectionExpression": "#n3, #n1, #n0, #n4",
        "ExpressionAttributeNames": {"#n0": "pk", "#n1": "score", "#n2": "weight", "#n3": "nickname", "#n4": "sk"},
        "ExpressionAttributeValues": {":v0": {"S": "A"}, ":v1": {"N": "1"}},
        "ScanIndexForward": False,
        "ConsistentRead": True,
        "Limit": 7,
    }


def test_it_says_the_key_the_parts_and_the_consistency() -> None:
    query = Repo(Person, client=Scripted()).query(
        Key(u.pk) == "A", Key(u.score) > 1, filter=Attr(u.weight) > 1, project=Summary
    )
    explanation = query.explain()
    assert (explanation.operation, explanation.table, explanation.index) == ("Query", "people", "by-score")
    assert (explanation.scan, explanation.consistent) == (False, False)
    assert explanation.key_condition == "pk = :v0 AND score > :v1"
    assert explanation.filter == "weight > :v1"
    assert explanation.attributes == ("nickname", "score", "pk", "sk")
    printed = str(explanation)
    assert "index 'by-score': the conditions name its key" in printed
    assert "eventual" in printed


def test_an_attribute_named_like_a_placeholder_is_spelled_as_it_is() -> None:
    many = Attr(u.weight) > 1
    for _ in range(3):
        many &= (Attr(u.nickname) == "x") & Attr(u.balance).exists()
    text = Repo(Person, client=Scripted()).scan(filter=many).explain().filter
    assert text is not None
    assert "#" not in text


def test_a_scan_says_that_it_reads_every_item() -> None:
    explanation = Repo(Person, client=Scripted()).scan(segments=4, limit=3).explain()
    assert explanation.scan
    assert "(reads every item)" in str(explanation)
    assert explanation.request == {"TableName": "people", "Limit": 3, "Segment": 0, "TotalSegments": 4}


def test_read_units_are_known_after_a_page_and_strong_reads_cost_twice() -> None:
    for consistent, units in ((False, 1.0), (True, 2.0)):
        query = Repo(Person, client=Scripted(page(range(100)))).query(Key(u.pk) == "A", consistent=consistent)
        assert query.explain().read_units is None
        assert "not known, as no page was read" in str(query.explain())
        query.all()
        assert query.explain().read_units == units
        assert f"about {units:g}" in str(query.explain())


def test_the_bound_of_a_range_over_text_is_shortened_where_people_read_it() -> None:
    query = Repo(Order, client=Scripted()).query(Key(o.customer_id) == "7", Key(o.number) > 1)
    explanation = query.explain()
    sent = explanation.request["ExpressionAttributeValues"][":v2"]["S"]
    assert len(sent.encode()) == 1024
    assert '{"S": "ORDER#..."}' in str(explanation)
