"""What the fleet would cost on AWS, as the dashboard shows it."""

from playwright.sync_api import Page, expect


def test_the_sums_follow_what_is_chosen(owner_page: Page) -> None:
    owner_page.goto("/settings/server")
    expect(owner_page.get_by_text("What this fleet would cost on AWS")).to_be_visible()
    functions = owner_page.get_by_text("function: calls")
    expect(functions).to_be_visible()

    owner_page.get_by_role("switch", name="A container answers routers").click()

    expect(owner_page.get_by_text("container: its processor")).to_be_visible()
    expect(functions).to_have_count(0)
