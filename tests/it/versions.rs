//! Flows that are edited while people are in them: nobody's answer is swallowed or lands elsewhere, and who
//! cannot come over goes on in the words they know.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up its world has to fail")]

use thoai::domain::slot::Value;
use thoai::runtime::revision::{Files, RevisionError, Side};
use thoai::store::{By, Revisions};

use crate::house::{Contact, House};

/// A small flow: greeting, phone, address, hour, end.
const FLOW: &str = "flow: giao
entry: {keywords: [giao hàng], default: true}
slots:
  dong_y: {type: consent, label: Đồng ý}
  so: {type: phone, label: Số, private: true}
  noi: {type: address, label: Nơi giao, need: [street, ward, province], private: true}
  gio: {type: choice, label: Giờ, options: {sang: Buổi sáng, chieu: Buổi chiều}}
steps:
  xin_phep: {ask: dong_y, say: Em xin phép lưu thông tin ạ?, if_no: thoi}
  hoi_so: {ask: so, say: Anh/chị dùng số nào ạ?}
  hoi_noi: {ask: noi, say: Giao tới đâu ạ?}
  hoi_gio: {ask: gio, say: Giao lúc nào ạ?}
  xong: {end: done, say: \"Em sẽ giao cho {so}, {gio} nhé.\"}
  thoi: {end: declined, say: Dạ vâng ạ.}
";

fn files(text: &str) -> Files {
    vec![("giao.yaml".to_owned(), text.to_owned())]
}

/// A house in which this flow is in force, from the folder.
async fn house_with(text: &str) -> House {
    let house = House::new().await;
    house.runtime.adopt_folder(files(text)).await.unwrap();
    house
}

async fn publish(house: &House, text: &str, pin: bool) -> Option<u32> {
    house.runtime.publish(files(text), "thử", pin).await.unwrap().number
}

/// Takes the customer to the question for the address.
async fn to_the_address(customer: &mut Contact<'_>) {
    customer.says("giao hàng").await.hears("xin phép").await;
    customer.says("có").await.hears("số nào").await;
    customer.says("0901234567").await.hears("tới đâu").await;
}

const ADDRESS: &str = "12 Nguyễn Huệ, phường Sài Gòn, tp hcm";

#[tokio::test(flavor = "multi_thread")]
async fn a_new_wording_of_the_question_does_not_swallow_the_answer() {
    let house = house_with(FLOW).await;
    let mut customer = house.on_messenger("7000000000000001");
    to_the_address(&mut customer).await;
    let reworded = FLOW.replace("Giao tới đâu", "Anh/chị nhận hàng ở đâu").replace("Giao lúc nào", "Mấy giờ giao");
    assert_eq!(publish(&house, &reworded, false).await, Some(2));
    customer.says(ADDRESS).await.hears("Mấy giờ giao").await;
    let session = house.conversation(&customer.id()).await.session.unwrap();
    assert_eq!((session.revision, session.step.as_str()), (2, "hoi_gio"));
    assert!(matches!(session.progress.slots["noi"], Value::Address(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_inserted_at_the_top_never_gets_an_address_for_a_phone() {
    let house =
        house_with(&FLOW.replace("  hoi_so: {ask: so, say: Anh/chị dùng số nào ạ?}\n", "").replace("{so}", "anh/chị"))
            .await;
    let mut customer = house.on_messenger("7000000000000001");
    customer.says("giao hàng").await.hears("xin phép").await;
    customer.says("có").await.hears("tới đâu").await;
    assert_eq!(publish(&house, FLOW, false).await, Some(2));
    customer.says(ADDRESS).await.hears("số nào").await;
    let slots = house.conversation(&customer.id()).await.session.unwrap().progress.slots;
    assert!(!slots.contains_key("so"), "{slots:?}");
    customer.says("0901234567").await.hears("tới đâu").await;
    customer.says(ADDRESS).await.hears("Giao lúc nào").await;
    customer.says("sáng").await.hears("0901 234 567").await;
}

/// An edit that nobody at the question for the address can follow: their step is gone.
fn unsafe_edit() -> String {
    FLOW.replace("hoi_noi:", "dia_chi:").replace("Giao lúc nào", "Mấy giờ giao")
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_come_over_finishes_in_the_old_words_while_others_begin_in_the_new() {
    let house = house_with(FLOW).await;
    let mut old = house.on_messenger("7000000000000001");
    to_the_address(&mut old).await;
    let outcome = house.runtime.publish(files(&unsafe_edit()), "", false).await.unwrap();
    assert_eq!((outcome.number, outcome.plan.staying()), (None, 1), "not without somebody's word");
    assert_eq!(publish(&house, &unsafe_edit(), true).await, Some(2));
    let mut new = house.on_messenger("7000000000000002");
    to_the_address(&mut new).await;
    assert_eq!(house.conversation(&new.id()).await.session.unwrap().revision, 2);
    old.says(ADDRESS).await.hears("Giao lúc nào").await;
    assert_eq!(house.conversation(&old.id()).await.session.unwrap().revision, 1);
    new.says(ADDRESS).await.hears("Mấy giờ giao").await;
    old.says("chiều").await.hears("0901 234 567").await;
    new.says("sáng").await.hears("0901 234 567").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn going_back_puts_the_earlier_words_in_force_and_takes_people_along() {
    let house = house_with(FLOW).await;
    let reworded = FLOW.replace("Giao lúc nào", "Mấy giờ giao");
    assert_eq!(publish(&house, &reworded, false).await, Some(2));
    let mut customer = house.on_messenger("7000000000000001");
    to_the_address(&mut customer).await;
    house.runtime.roll_back(1).await.unwrap();
    customer.says(ADDRESS).await.hears("Giao lúc nào").await;
    assert_eq!(house.conversation(&customer.id()).await.session.unwrap().revision, 1);
    assert!(matches!(house.runtime.roll_back(7).await, Err(RevisionError::Unknown(7))));
    let (in_force, listed) = house.runtime.revisions(9).await.unwrap();
    assert_eq!((in_force, listed.iter().map(|revision| revision.number).collect::<Vec<_>>()), (1, vec![2, 1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_command_chose_outlives_a_restart_and_another_folder() {
    let folder = tempfile::tempdir().unwrap();
    let reworded = FLOW.replace("Giao lúc nào", "Mấy giờ giao");
    let asks = async |house: &House, contact: &str, words: &str| {
        let mut customer = house.on_messenger(contact);
        to_the_address(&mut customer).await;
        customer.says(ADDRESS).await.hears(words).await;
    };
    {
        let house = House::on(folder.path()).await;
        house.runtime.adopt_folder(files(FLOW)).await.unwrap();
        assert_eq!(publish(&house, &reworded, false).await, Some(2));
        asks(&house, "7000000000000001", "Mấy giờ giao").await;
        house.stop().await;
    }
    let house = House::on(folder.path()).await;
    house.runtime.adopt_folder(files(FLOW)).await.unwrap();
    let current = house.store.in_force().await.unwrap().unwrap();
    assert_eq!((current.number, current.by, house.runtime.flows().revision), (2, By::Command, 2));
    asks(&house, "7000000000000002", "Mấy giờ giao").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_folder_is_refused_and_nothing_changes() {
    let house = house_with(FLOW).await;
    let broken = FLOW.replace("if_no: thoi", "if_no: thoii");
    for told in [house.runtime.adopt_folder(files(&broken)).await.err(), {
        house.runtime.publish(files(&broken), "", true).await.err()
    }] {
        let Some(RevisionError::Problems(report)) = told else { panic!("{told:?}") };
        assert!(report.contains("thoii"), "{report}");
    }
    assert_eq!(house.runtime.flows().revision, 1);
    assert_eq!(house.store.revisions(9).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_counts_those_who_are_there() {
    let house = house_with(FLOW).await;
    let mut customers = [house.on_messenger("7000000000000001"), house.on_messenger("7000000000000002")];
    for customer in &mut customers {
        to_the_address(customer).await;
    }
    let plan = house.runtime.plan(&Side::Files(files(FLOW)), &Side::Files(files(&unsafe_edit()))).await.unwrap();
    let there = plan.points.iter().find(|planned| planned.point.step == "hoi_noi").unwrap();
    assert_eq!((there.live.moves, there.live.asked_again, there.live.stay), (0, 0, 2));
    let plan = house.runtime.plan(&Side::Revision(1), &Side::Revision(1)).await.unwrap();
    assert_eq!(plan.staying(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_run_again_says_the_same_through_every_revision_it_lived_in() {
    let house = house_with(FLOW).await;
    let mut moved = house.on_messenger("7000000000000001");
    let mut pinned = house.on_messenger("7000000000000002");
    to_the_address(&mut pinned).await;
    moved.says("giao hàng").await.hears("xin phép").await;
    assert_eq!(publish(&house, &unsafe_edit(), true).await, Some(2));
    moved.says("có").await.hears("số nào").await;
    moved.says("0901234567").await.hears("tới đâu").await;
    pinned.says(ADDRESS).await.hears("Giao lúc nào").await;
    moved.says(ADDRESS).await.hears("Mấy giờ giao").await;
    let replayed = house.runtime.replay(None, None).await.unwrap();
    assert_eq!(replayed.iter().map(|one| (one.turns, one.is_same())).collect::<Vec<_>>(), [(4, true), (4, true)]);
    let other = Side::Files(files(&unsafe_edit().replace("số nào", "số mấy")));
    let told = house.runtime.replay(Some(&moved.id()), Some(&other)).await.unwrap().remove(0);
    let [difference] = &told.differences[..] else { panic!("{told:?}") };
    assert_eq!(difference.now.as_ref().unwrap().step, "giao/hoi_so");
    assert!(difference.now.as_ref().unwrap().text.contains("số mấy"));
}
