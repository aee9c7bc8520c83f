"""Targets: found, shown with their tree and cases, told by the product through the API."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from seacliff.browsing import axe_finds
from seacliff.people.permissions import Role
from seacliff.record.models import Event
from seacliff.review.tests import factories
from seacliff.targets.models import Product, Target

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client, alice, rules):
    client.force_login(alice)
    return client


@pytest.fixture
def admin(client):
    client.force_login(factories.person("Ada Admin", roles=(Role.ADMIN,)))
    return client


def test_targets_are_found_by_how_they_begin_and_by_their_address(signed_in):
    nodes = factories.tree()
    page = reverse("targets:list")

    def found(**asked):
        return [target.kind for target, _url in signed_in.get(page, asked).context["lines"]]

    assert len(found()) == 4
    assert found(q="northfield") == ["organisation"]
    assert found(q=nodes["user"].ref) == ["user"]
    assert found(q=nodes["account"].email.upper()) == ["account"]
    assert found(kind="event") == ["event"]
    assert found(kind="nonsense", product="nope") == []
    assert signed_in.get(page, {"after": "x", "q": "\0"}).status_code == 200


def test_a_target_is_shown_with_its_tree_and_its_cases(signed_in):
    nodes = factories.tree()
    case = factories.case(nodes["event"])
    shown = signed_in.get(reverse("review:target", args=[nodes["event"].id])).content.decode()
    for part in ("Northfield School", case.ref, "Account tree"):
        assert part in shown, part
    above = signed_in.get(reverse("review:target", args=[nodes["user"].id])).content.decode()
    assert str(nodes["event"].id) in above
    assert signed_in.get(reverse("review:target", args=[case.id])).status_code == 404


def test_cases_are_searched_by_target_reviewer_and_day(signed_in, alice):
    nodes = factories.tree()
    case, _other = factories.case(nodes["event"]), factories.case()
    page = reverse("review:search")

    def found(**asked):
        return [row.ref for row in signed_in.get(page, asked).context["rows"]]

    assert found(target=nodes["event"].id) == [case.ref]
    assert found(reviewer=alice.id) == []
    today = timezone.now().date()
    assert len(found(since=today, until=today)) == 2
    assert found(since=today + timedelta(days=1)) == []
    assert len(found(target="x", reviewer="\0", since="2026-99-01", severity="²", queue="\0")) == 2


def test_a_product_is_added_and_changed_by_an_admin_alone(admin, alice):
    typed = {"name": "Meetings", "slug": "meetings", "languages": ["en", "de"], "is_open": "on"}
    assert admin.post(reverse("targets:product-new"), typed).status_code == 302
    admin.post(reverse("targets:product", args=["meetings"]), {"name": "Meet", "languages": ["de"], "slug": "other"})
    product = Product.objects.get()
    assert (product.slug, product.name, product.languages, product.is_open) == ("meetings", "Meet", ["de"], False)
    assert admin.post(reverse("targets:product-new"), typed).status_code == 422
    assert admin.get(reverse("targets:product", args=["nope"])).status_code == 404
    admin.force_login(alice)
    assert admin.get(reverse("targets:products")).status_code == 403


def put(client, *targets):
    return client.put("/api/v1/targets", {"product": "meetings", "targets": targets}, content_type="application/json")


def test_a_product_tells_its_account_tree(admin):
    assert admin.put("/api/v1/products/meetings", {"name": "Meet"}, content_type="application/json").status_code == 200
    organisation = {"kind": "organisation", "ref": "org-1"}
    told = put(admin, {"kind": "user", "ref": "u-1", "parent": organisation, "email": "U@x.example", "name": "Una"})
    assert told.json() == {"created": 2, "changed": 0}, told.content
    user = Target.objects.get(ref="u-1")
    assert (user.parent.ref, user.email) == ("org-1", "u@x.example")
    again = put(admin, {"kind": "user", "ref": "u-1", "name": "Una"}, {**organisation, "plan": "education"})
    assert again.json() == {"created": 0, "changed": 1}
    assert Target.objects.get(ref="u-1").email == "u@x.example"
    assert Event.objects.filter(verb="product.targets-told").count() == 2
    listed = admin.get("/api/v1/targets?q=u-1").json()["items"]
    assert listed[0]["parent_id"] == str(user.parent_id)
    assert admin.get(f"/api/v1/targets/{user.id}").json()["name"] == "Una"


def test_a_tree_that_would_contain_itself_is_refused_whole(admin):
    factories.product("meetings")
    first, second = {"kind": "user", "ref": "a"}, {"kind": "user", "ref": "b"}
    answer = put(admin, {**first, "parent": second}, {**second, "parent": first})
    assert answer.status_code == 422
    assert "above itself" in answer.json()["detail"]
    assert put(admin, {**first, "parent": first}).status_code == 422
    assert not Target.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"kind": "planet"}, {"ref": ""}, {"country": "Germany"}, {"created_at": "2026-01-01T00:00:00"}]
)
def test_what_can_not_be_right_is_refused(admin, wrong):
    factories.product("meetings")
    assert put(admin, {"kind": "user", "ref": "a"} | wrong).status_code == 422
    assert not Target.objects.exists()


@pytest.mark.e2e
@pytest.mark.django_db(transaction=True)
def test_pages_are_accessible_in_both_themes(live_server, page, rules):
    factories.person("Ada Admin", roles=(Role.ADMIN, Role.LEAD), tier=4)
    node = factories.tree()["user"]
    factories.case(node)
    page.goto(f"{live_server.url}/accounts/login/?next=/targets")
    page.fill("input[name=login]", "ada.admin@example.org")
    page.fill("input[name=password]", "correct horse battery")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Targets')")
    for path in ("/targets", f"/targets/{node.id}", "/products", "/products/new", "/queues/all", "/queues/general/edit",
                 "/search?q=x", "/routing/", "/actions/", "/people/", "/unread", "/start", "/start/policies"):  # fmt: skip
        page.goto(live_server.url + path)
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme)
            page.wait_for_timeout(250)
            assert axe_finds(page) == [], (path, scheme)
