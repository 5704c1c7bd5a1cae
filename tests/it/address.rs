//! Addresses on their way from a platform to a unit.

use crate::house::{Contact, House};

/// Leads the customer to the question for the address.
async fn asked(customer: &mut Contact<'_>) {
    asked_with(customer, "0912345678").await;
}

async fn asked_with(customer: &mut Contact<'_>, phone: &str) {
    customer.says("đổi sim").await.hears("giao tận nơi").await;
    customer.hears("có muốn đổi").await;
    customer.says("có").await.hears("xin phép lưu").await;
    customer.says("có").await.hears("cho số nào").await;
    customer.says(phone).await.hears("địa chỉ nhận SIM").await;
}

/// Answers what is left, and returns the place of the ticket, as ward and street, and the unit.
async fn handed_off(house: &House, customer: &mut Contact<'_>) -> (String, String, String) {
    customer.hears("buổi nào").await;
    customer.says("tối").await.hears("cách ly").await;
    customer.says("không").await.hears("đã đúng chưa").await;
    customer.says("đúng").await.hears("sẽ gọi số").await;
    let ticket = house.ticket_of(&customer.id()).await;
    let place = ticket.request.place.expect("there is a place");
    let unit = ticket.unit.id.as_str().to_owned();
    (place.ward.expect("its commune is known"), place.street.expect("and its street"), unit)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_location_leads_to_the_unit_of_the_commune_that_was_chosen() {
    let house = House::new().await;
    for mut customer in [house.on_messenger("7000000000000101"), house.on_zalo("7101")] {
        asked(&mut customer).await;
        // Bến Thành market.
        let proposed = customer.is_at(10.7725, 106.6980).await.hears("thuộc nơi nào").await;
        assert_eq!(proposed.choices.len(), 4, "{proposed:?}");
        customer.taps("Phường Bến Thành").await.hears("Số nhà").await;
        customer.says("1 Lê Lợi").await;
        let place = handed_off(&house, &mut customer).await;
        assert_eq!(place, ("26743".to_owned(), "1 Lê Lợi".to_owned(), "hcm".to_owned()));
        house.replays(&customer.id()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_divided_ward_is_asked_about_where_its_parts_have_different_units() {
    let house = House::new().await;
    let mut customer = house.on_zalo("7102");
    asked(&mut customer).await;
    // Đa Kao is divided between Tân Định, which has no unit of its own, and Sài Gòn, which has.
    customer.says("8 Phan Liêm, phường Đa Kao, quận 1, TP HCM").await.hears("thuộc nơi nào").await;
    customer.taps("Phường Sài Gòn").await;
    assert_eq!(handed_off(&house, &mut customer).await.2, "sai_gon");

    let mut customer = house.on_zalo("7103");
    asked_with(&mut customer, "0901234567").await;
    // One unit serves all of Hà Nội.
    customer.says("8 Phan Bội Châu, phường Cửa Nam, quận Hoàn Kiếm, Hà Nội").await;
    assert_eq!(handed_off(&house, &mut customer).await.2, "hn");
    house.replays(&customer.id()).await;
}
