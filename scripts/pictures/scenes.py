"""The pictures of the documentation, a function each; its name is the name of the file."""

from __future__ import annotations

from canvas import Canvas


def one_item() -> Canvas:
    """Show one item as payload, as model and as DynamoDB's JSON."""
    c = Canvas(
        "One item, seen three ways",
        "A JSON payload is validated into a User model, which is written as DynamoDB attributes and read back.",
        1000,
        300,
    )
    payload = c.box(
        20,
        60,
        250,
        ["{", '  "pk": "USER#1",', '  "score": "3",', '  "tags": ["new", "new"]', "}"],
        title="payload (JSON)",
    )
    model = c.box(
        375,
        50,
        255,
        ["User(", "  pk='USER#1',", "  score=3,", "  tags={'new'},", "  nickname=None,", "  version=0)"],
        title="model (pydantic)",
        tone="accent",
    )
    item = c.box(
        735,
        50,
        245,
        ["PK       S   USER#1", "score    N   3", "tags     SS  new", "version  N   0", "", "nickname: left out"],
        title="item (DynamoDB)",
    )
    c.arrow(payload.at("right", 0.4), model.at("left", 0.35), "validate")
    c.arrow(model.at("left", 0.75), payload.at("right", 0.86), "dump", above=-18)
    c.arrow(model.at("right", 0.35), item.at("left", 0.35), "put")
    c.arrow(item.at("left", 0.75), model.at("right", 0.75), "get", above=-18)
    c.text(500, 32, "One class: what is wrong is refused, what is written is what is read", bold=True, middle=True)
    c.text(
        500, 275, "text becomes an int, a list becomes a set, and absence reads back as None", soft=True, middle=True
    )
    return c


def two_writers() -> Canvas:
    """Show how a version keeps the second writer from undoing the first."""
    c = Canvas(
        "Two writers and a version",
        "Both read version 0. The first put writes version 1. The second put, which expects version 0, is refused.",
        920,
        400,
    )
    for x, name in ((140, "Ann"), (460, "the stored item"), (780, "Ben")):
        c.text(x, 34, name, bold=True, middle=True)
    first = c.box(350, 55, 220, ["text='', version 0"], tone="muted")
    ann = c.box(30, 125, 220, ["get: version 0", "text = 'hello'"])
    ben = c.box(670, 125, 220, ["get: version 0", "text = 'welcome'"])
    c.arrow(first.at("left"), ann.at("top"), tone="muted")
    c.arrow(first.at("right"), ben.at("top"), tone="muted")
    second = c.box(350, 205, 220, ["text='hello', version 1"], tone="good")
    c.arrow(ann.at("right", 0.7), second.at("left"), tone="good")
    c.text(245, 222, "put if version = 0", soft=True, middle=True)
    refused = c.box(
        610, 290, 290, ["VersionConflict", ".item: text='hello', version 1", "nothing was written"], tone="bad"
    )
    c.arrow(ben.at("bottom", 0.3), (refused.x + 80, refused.y), tone="bad")
    c.text(640, 222, "put if version = 0", soft=True, middle=True)
    c.box(
        60,
        300,
        470,
        ["Ben takes .item, applies his change to it, puts again:", "version 2, and no change is lost"],
        tone="accent",
    )
    c.arrow(refused.at("left", 0.6), (530, refused.y + 45), tone="accent")
    return c


def index_selection() -> Canvas:
    """Show how the index of a query follows from the fields that its key conditions name."""
    c = Canvas(
        "How an index is chosen",
        "The fields with key conditions are matched with the keys of the table and of each index.",
        1000,
        330,
    )
    call = c.box(
        20,
        110,
        330,
        ["users.query(", '  Key(u.email) == "ada@x.org",', "  Key(u.score) > 5)"],
        title="the call",
        tone="accent",
    )
    table = c.box(470, 30, 290, ["pk: pk      sk: sk"], title="table", tone="muted")
    fits = c.box(470, 115, 290, ["pk: email   sk: score"], title="by-email", tone="good")
    other = c.box(470, 200, 290, ["pk: team    sk: score"], title="by-team", tone="muted")
    c.arrow(call.at("right", 0.3), table.at("left"), tone="muted")
    c.arrow(call.at("right"), fits.at("left"), tone="good")
    c.arrow(call.at("right", 0.7), other.at("left"), tone="muted")
    c.text(775, 62, "no pk named", soft=True)
    c.text(775, 147, "fits: Query", bold=True)
    c.text(775, 232, "no team named", soft=True)
    c.text(20, 290, "two fit: name one with index=        none fits: IndexNotFound, never a silent scan", soft=True)
    return c


def transaction() -> Canvas:
    """Show a transaction of three writes, one of whose conditions fails."""
    c = Canvas(
        "A transaction and its reasons",
        "Three writes are sent as one. One condition fails, so nothing is written, and each write gets its reason.",
        1000,
        330,
    )
    c.text(170, 34, "transact_write((...))", bold=True, middle=True)
    rows = [
        ("Put(orders, order)", "None", "muted"),
        ("Update(stock, 'TEA', count -1)", "ConditionalCheckFailed", "bad"),
        ("Check(customers, '7', active)", "None", "muted"),
    ]
    gate = c.box(440, 110, 150, ["all or", "nothing"], title="DynamoDB", tone="accent")
    c.text(820, 34, "TransactionCancelled.reasons", bold=True, middle=True)
    for number, (write, reason, tone) in enumerate(rows):
        y = 55 + number * 78
        write_box = c.box(20, y, 300, [write])
        reason_box = c.box(690, y, 270, [reason], tone="bad" if tone == "bad" else "muted")
        c.arrow(write_box.at("right"), gate.at("left", 0.25 + 0.25 * number), f"{number}")
        c.arrow(gate.at("right", 0.25 + 0.25 * number), reason_box.at("left"), tone="bad" if tone == "bad" else "muted")
    c.text(500, 300, "reasons[1].item is the stock as it was; nothing was written", soft=True, middle=True)
    return c


def envelope() -> Canvas:
    """Show what an encrypted attribute holds, and who holds which key."""
    c = Canvas(
        "The envelope, and who holds which key",
        "The process encrypts under a data key that KMS wraps. DynamoDB stores the wrapped key beside the ciphertext.",
        1000,
        330,
    )
    kms = c.box(360, 20, 280, ["the KMS key: never leaves", "GenerateDataKey, Decrypt"], title="AWS KMS", tone="accent")
    process = c.box(
        20,
        150,
        330,
        ["value as compact JSON", "data key in clear, for minutes", "AES-256-GCM, bound to the name"],
        title="your process",
    )
    stored = c.box(
        650,
        130,
        330,
        ["v      1", "edk    the data key, wrapped by KMS", "nonce  12 bytes", "ct     ciphertext and tag"],
        title="DynamoDB: a map of four",
        tone="muted",
    )
    c.arrow(kms.at("left", 0.75), process.at("top", 0.45), tone="accent")
    c.text(128, 105, "data key, clear and wrapped", soft=True, middle=True)
    c.arrow(process.at("right"), stored.at("left", 0.62), "put: envelope")
    c.arrow(stored.at("top", 0.5), kms.at("right", 0.75), tone="muted")
    c.text(840, 100, "get: edk to Decrypt", soft=True, middle=True)
    c.text(
        500,
        300,
        "Who reads the table sees lengths and names. Who may only use KMS sees nothing at all.",
        soft=True,
        middle=True,
    )
    return c


def error_tree() -> Canvas:
    """Show the error tree, divided by whose fault it is."""
    c = Canvas(
        "Errors by whose fault it is",
        "Every error is a DynamormError: of the model, the call, the stored item, DynamoDB's answer, or encryption.",
        1000,
        385,
    )
    root = c.box(400, 20, 200, ["DynamormError"], tone="accent")
    groups = [
        (
            20,
            180,
            "the model's",
            ["ModelDefinition", "Error", "", "at class creation,", "all problems", "in one error"],
            "plain",
        ),
        (
            215,
            180,
            "the call's",
            ["CallError", " InvalidKey", " InvalidValue", " InvalidExpression", " IndexNotFound", " InvalidCursor"],
            "plain",
        ),
        (
            410,
            180,
            "the item's",
            ["ItemDecodeError", "", "does not fit the", "model: path and", "reason, no value", ""],
            "plain",
        ),
        (
            605,
            195,
            "DynamoDB's",
            [
                "ItemNotFound",
                "ConditionFailed",
                " VersionConflict",
                " ItemAlreadyExists",
                "Throttled",
                "BatchIncomplete",
            ],
            "plain",
        ),
        (
            815,
            170,
            "encryption's",
            ["EncryptionError", " NotConfigured", " InvalidEncrypted", "  Envelope", " KmsError", ""],
            "plain",
        ),
    ]
    for x, width, owner, lines, tone in groups:
        group = c.box(x, 120, width, lines, title=owner, tone="muted" if tone == "muted" else "plain")
        c.arrow(root.at("bottom"), group.at("top"), tone="muted")
    c.box(20, 310, 350, ["fix the code: raised before", "anything is sent"], tone="good")
    c.box(410, 310, 180, ["fix the data,", "or the model"], tone="accent")
    c.box(605, 310, 380, [".outcome says if a failed write was", "'not applied' or is 'unknown'"], tone="bad")
    return c


def filtered_page() -> Canvas:
    """Show what a page is under a filter, and where its cursor stands."""
    c = Canvas(
        "A page and its cursor under a filter",
        "DynamoDB reads page_size items, filters them, and returns where it stopped. page(size=) asks on until full.",
        1000,
        300,
    )
    c.text(
        20, 34, 'query(Key(o.customer) == "7", filter=Attr(o.status) == "open", page_size=4).page(size=3)', bold=True
    )
    matches = [True, False, False, True, False, False, True, True, False]
    boxes = [
        c.box(20 + i * 106, 90, 96, [f"ORDER#{i + 1}", "open" if open_ else "paid"], tone="good" if open_ else "muted")
        for i, open_ in enumerate(matches)
    ]
    c.text(20, 78, "request 1 reads 4", soft=True)
    c.text(444, 78, "request 2 reads 4", soft=True)
    for box in (boxes[0], boxes[3], boxes[6]):
        c.arrow(box.at("bottom"), (box.x + box.width / 2, 199), tone="good")
    page = c.box(20, 200, 745, ["the page: ORDER#1, ORDER#4, ORDER#7      .cursor stands after ORDER#7"], tone="accent")
    c.text(782, 222, "ORDER#8 is next", soft=True)
    c.text(20, 275, "limit and size count results; page_size is what one request reads, and what it costs", soft=True)
    c.arrow(page.at("right", 0.5), (780, page.y + page.height / 2), tone="accent")
    return c


def lanes() -> Canvas:
    """Show the three ways from a call to DynamoDB, and what chooses among them."""
    c = Canvas(
        "The transport's lanes",
        "A call goes over our own connections, through a botocore client that tracers see, or through botocore whole.",
        1000,
        390,
    )
    call = c.box(20, 150, 190, ["users.get(key)", "a plan: no I/O"], title="the call", tone="accent")
    direct = c.box(
        330, 30, 330, ["our request bytes, signature and", "connections: the default"], title="direct", tone="good"
    )
    watched = c.box(
        330, 140, 330, ["a botocore client of our own, whose", "before-call handler sends our bytes"], title="watched"
    )
    botocore = c.box(
        330,
        250,
        330,
        ["a client that you bring, proxies,", "legacy and adaptive retries"],
        title="botocore",
        tone="muted",
    )
    dynamodb = c.box(800, 150, 180, ["same requests,", "same results,", "same errors"], title="DynamoDB")
    c.arrow(call.at("right", 0.2), direct.at("left"), tone="good")
    c.arrow(call.at("right"), watched.at("left"))
    c.arrow(call.at("right", 0.8), botocore.at("left"), tone="muted")
    c.arrow(direct.at("right"), dynamodb.at("left", 0.2), tone="good")
    c.arrow(watched.at("right"), dynamodb.at("left"))
    c.arrow(botocore.at("right"), dynamodb.at("left", 0.8), tone="muted")
    c.text(720, 168, "tracers see it", soft=True, middle=True)
    c.text(20, 365, "Credentials, region, profile and endpoint rules are botocore's on every lane.", soft=True)
    return c


def single_table() -> Canvas:
    """Show one table with customers and their orders, and which query reads what."""
    c = Canvas(
        "Several models in one table",
        "A customer and its orders share a partition: one query reads them all; the sort key and an index read some.",
        1000,
        360,
    )
    c.text(20, 34, "pk", soft=True)
    c.text(190, 34, "sk", soft=True)
    c.text(390, 34, "GSI1PK", soft=True)
    rows = [
        ("CUSTOMER#7", "PROFILE", "", "Customer"),
        ("CUSTOMER#7", "ORDER#000001", "ORDERS#paid", "Order"),
        ("CUSTOMER#7", "ORDER#000002", "ORDERS#open", "Order"),
        ("CUSTOMER#8", "PROFILE", "", "Customer"),
        ("CUSTOMER#8", "ORDER#000001", "ORDERS#open", "Order"),
    ]
    items = [
        c.box(20, 46 + 56 * n, 610, [f"{pk:<20}{sk:<25}{gsi:<16}{kind}"], tone="accent" if kind == "Order" else "good")
        for n, (pk, sk, gsi, kind) in enumerate(rows)
    ]
    one = c.box(700, 46, 280, ['Key(o.customer_id) == "7"', "3 items, of both models"], title="shop.query", tone="good")
    some = c.box(700, 150, 280, ["Key(o.number) > 1", "1 order"], title="shop[Order].query, and", tone="accent")
    index = c.box(700, 254, 280, ['Key(o.status) == "open"', "2 orders, of all customers"], title="shop[Order].query")
    for item in items[:3]:
        c.arrow(one.at("left"), item.at("right", 0.35), tone="good")
    c.arrow(some.at("left"), items[2].at("right", 0.65), tone="accent")
    for item in (items[2], items[4]):
        c.arrow(index.at("left"), item.at("right", 0.9))
    return c


SCENES = (single_table, one_item, two_writers, index_selection, transaction, envelope, error_tree, filtered_page, lanes)
