//! What becomes of the subscribers on a campaign's list, from the invitation to the end of their ticket.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up its world has to fail")]

use serde_json::json;

use thoai::domain::id::{TicketId, UnitId};
use thoai::domain::phone::Phone;
use thoai::domain::target::{Target, TargetState};
use thoai::domain::ticket::{Act, Actor, TicketStatus};
use thoai::routing::import::targets::TargetRow;
use thoai::store::{PutTargets, Targets, Tickets};

use crate::house::{API_TOKEN, House, liveinfo_answer};

fn row(line: usize, significant: &str, unit: &str) -> TargetRow {
    let (name, address, ward, province, route) = (None, None, None, None, None);
    let phone = Phone::from_significant(significant);
    TargetRow { line, phone, name, address, ward, province, route, unit: Some(UnitId::new(unit)) }
}

/// A house with two people on its list, both given to the unit of Hà Nội.
async fn house() -> House {
    let house = House::new().await;
    let rows = vec![row(2, "901234567", "hn"), row(3, "901234568", "hn"), row(4, "901234569", "no-such")];
    let taken = house.runtime.import_targets("sim4g", rows, false).await.unwrap();
    assert_eq!(taken.put, PutTargets { new: 2, changed: 0, same: 0 });
    let problems: Vec<_> = taken.problems.iter().map(|problem| (problem.line, problem.column_name.as_str())).collect();
    assert_eq!((taken.without_place, problems), (2, vec![(4, "unit")]));
    house
}

async fn target(house: &House, significant: &str) -> Target {
    house.store.target("sim4g", &Phone::from_significant(significant)).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_and_its_answer_are_seen_in_the_list() {
    let house = house().await;
    house.runtime.prompt("sim4g", "0901234567").await.unwrap();
    assert_eq!(target(&house, "901234567").await.state, TargetState::Invited);
    assert_eq!(target(&house, "901234568").await.state, TargetState::New);
    let answers = async |session: &str, msisdn, raw| {
        assert_eq!(house.liveinfo_posts(&liveinfo_answer(session, 0, msisdn, raw, "stk")).await.status, 200);
    };
    answers("s-1", "84901234567", "YES").await;
    assert_eq!(target(&house, "901234567").await.state, TargetState::SaidYes);
    answers("s-2", "84901234568", "NO").await;
    assert_eq!(target(&house, "901234568").await.state, TargetState::SaidNo);
    house.runtime.prompt("sim4g", "0901234569").await.expect("who is on no list can be prompted as well");
    let refused = house.runtime.import_targets("no-such", Vec::new(), false).await.unwrap_err();
    assert_eq!(refused, "no flow has a prompt for the campaign \"no-such\"");
}

/// Makes a ticket through the API, with an address or without.
async fn ticket(house: &House, subscriber: &str, address: Option<&str>) -> serde_json::Value {
    let body = json!({"kind": "sim_swap", "contact": {"name": "Lan"}, "subscriber": subscriber, "address": address});
    let token = format!("Bearer {API_TOKEN}");
    let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
    let created = house.post("/api/v1/tickets", &headers, body.to_string()).await;
    assert_eq!(created.status, 201, "{}", created.json());
    created.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_without_a_place_goes_to_the_home_unit_and_the_row_follows_it() {
    let house = house().await;
    let at_home = ticket(&house, "0901234567", None).await;
    assert_eq!(at_home["unit"]["id"], "hn");
    assert_eq!(ticket(&house, "0901234560", None).await["unit"]["id"], "tong_dai", "who is on no list");
    let elsewhere = ticket(&house, "0901234568", Some("12 Nguyễn Huệ, phường Sài Gòn, tp hcm")).await;
    assert_eq!(elsewhere["unit"]["id"], "sai_gon", "what the customer says goes before the list");

    let id = TicketId::new(at_home["id"].as_str().unwrap());
    assert_eq!(target(&house, "901234567").await.state, TargetState::Ticket(id.clone()));
    let finish = Act::Finish { outcome: TicketStatus::Done, note: String::new() };
    for act in [Act::Accept, finish] {
        house.runtime.act(&id, &Actor::Operator, &act).await.unwrap();
    }
    assert_eq!(house.store.ticket(&id).await.unwrap().unwrap().status, TicketStatus::Done);
    assert_eq!(target(&house, "901234567").await.state, TargetState::Done);
    let other = TicketId::new(elsewhere["id"].as_str().unwrap());
    house.runtime.act(&other, &Actor::Operator, &Act::Cancel).await.unwrap();
    assert_eq!(target(&house, "901234568").await.state, TargetState::Ended);
    house.idle().await;
}
