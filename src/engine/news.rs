//! What a customer reads about their tickets: who has them, by when they are called, how they ended.

use crate::domain::contact::Language;
use crate::domain::ticket::{Ticket, TicketKind, TicketStatus};
use crate::domain::time::{Timestamp, clock};

/// What the contact wants to know or to change about their tickets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TicketWish {
    /// How they stand.
    Status,
    /// To call them off.
    Cancel,
    /// To be visited at another time, as far as one was named.
    Reschedule(Option<crate::domain::time::TimeWindow>),
    /// Nothing: something happened to this one.
    News(crate::domain::id::TicketId),
}

/// How a ticket stands. `call_by` is until when the customer is called, `now` tells today from other days.
pub fn stands(language: Language, ticket: &Ticket, call_by: Option<Timestamp>, now: Timestamp) -> String {
    let (what, unit) = (kind(language, ticket.request.kind), &ticket.unit.name);
    let by = call_by.map(|by| moment(language, by, now));
    let at = ticket.course.appointment.as_ref().map(crate::domain::time::TimeWindow::shown);
    if language == Language::En {
        let by = by.map_or(String::new(), |by| format!(" by {by}"));
        return match (ticket.status, at) {
            (TicketStatus::New | TicketStatus::Offered, _) => {
                format!("Your request ({what}) is with {unit}, who will call you{by}.")
            }
            (TicketStatus::Scheduled, Some(at)) => format!("{unit} will see you at {at} about your request ({what})."),
            (TicketStatus::Accepted, _) => format!("{unit} takes care of your request ({what}) and will call you{by}."),
            (TicketStatus::Contacted | TicketStatus::Scheduled, _) => {
                format!("{unit} has spoken to you and takes care of your request ({what}).")
            }
            (TicketStatus::Done, _) => format!("Your request ({what}) is done. Thank you!"),
            (status, _) => format!("Your request ({what}) is closed: {}.", ended(language, status)),
        };
    }
    let by = by.map_or(String::new(), |by| format!(" trước {by}"));
    let phone = ticket.unit.phone.as_ref().map_or(String::new(), |phone| format!(" Cần gấp anh/chị gọi {phone}."));
    match (ticket.status, at) {
        (TicketStatus::New | TicketStatus::Offered, _) => {
            format!("Dạ yêu cầu {what} của anh/chị đã chuyển tới {unit}, đơn vị sẽ gọi cho anh/chị{by} ạ.")
        }
        (TicketStatus::Scheduled, Some(at)) => {
            format!("Dạ {unit} hẹn gặp anh/chị lúc {at} để lo yêu cầu {what} ạ.{phone}")
        }
        (TicketStatus::Accepted, _) => {
            format!("Dạ {unit} đã nhận yêu cầu {what} và sẽ gọi cho anh/chị{by} ạ.{phone}")
        }
        (TicketStatus::Contacted | TicketStatus::Scheduled, _) => {
            format!("Dạ {unit} đã liên hệ và đang lo yêu cầu {what} của anh/chị ạ.{phone}")
        }
        (TicketStatus::Done, _) => format!("Dạ yêu cầu {what} của anh/chị đã xong. Cảm ơn anh/chị!"),
        (status, _) => format!("Dạ yêu cầu {what} của anh/chị đã khép lại: {} ạ.", ended(language, status)),
    }
}

/// What is said of a ticket that somebody else may have made: nothing but that there is one.
pub fn is_noted(language: Language, kind_of: TicketKind) -> String {
    let what = kind(language, kind_of);
    match language {
        Language::Vi => format!("Dạ yêu cầu {what} đã được ghi nhận, MobiFone sẽ liên hệ với anh/chị ạ."),
        Language::En => format!("The request ({what}) is noted, MobiFone will be in touch."),
    }
}

/// There is no ticket to say something about.
pub fn none(language: Language) -> &'static str {
    match language {
        Language::Vi => "Dạ hiện em chưa thấy yêu cầu nào của anh/chị đang được xử lý ạ.",
        Language::En => "There is no open request of yours.",
    }
}

/// A ticket was called off.
pub fn cancelled(language: Language, kind_of: TicketKind) -> String {
    let what = kind(language, kind_of);
    match language {
        Language::Vi => format!("Dạ em đã hủy yêu cầu {what} của anh/chị ạ."),
        Language::En => format!("Your request ({what}) is cancelled."),
    }
}

/// The unit was told when the customer would like to be visited.
pub fn rescheduled(language: Language, ticket: &Ticket, at: &str) -> String {
    let unit = &ticket.unit.name;
    match language {
        Language::Vi => format!("Dạ em đã ghi hẹn {at} và báo cho {unit} ạ."),
        Language::En => format!("Noted: {at}. {unit} knows."),
    }
}

/// No time was named, or one at which nobody can come.
pub fn when(language: Language) -> &'static str {
    match language {
        Language::Vi => "Dạ anh/chị muốn hẹn lúc nào ạ? Anh/chị nhắn giúp em, ví dụ: hẹn lại 9h sáng mai.",
        Language::En => "When would suit you? For example: hẹn lại 9h sáng mai.",
    }
}

fn kind(language: Language, kind: TicketKind) -> &'static str {
    match (language, kind) {
        (Language::Vi, TicketKind::SimSwap) => "đổi SIM 4G",
        (Language::Vi, TicketKind::NewSubscription) => "thuê bao mới",
        (Language::Vi, TicketKind::Advice) => "tư vấn",
        (Language::Vi, TicketKind::Care) => "hỗ trợ",
        (Language::En, TicketKind::SimSwap) => "4G SIM",
        (Language::En, TicketKind::NewSubscription) => "new subscription",
        (Language::En, TicketKind::Advice) => "advice",
        (Language::En, TicketKind::Care) => "support",
    }
}

fn ended(language: Language, status: TicketStatus) -> &'static str {
    match (language, status) {
        (Language::Vi, TicketStatus::Cancelled | TicketStatus::Refused) => "theo ý anh/chị",
        (Language::Vi, TicketStatus::Unreachable) => "chưa liên hệ được với anh/chị",
        (Language::Vi, TicketStatus::WrongAddress) => "chưa tìm được địa chỉ",
        (Language::Vi, TicketStatus::NotEligible) => "thuê bao chưa đủ điều kiện",
        (Language::Vi, TicketStatus::Already4g) => "SIM anh/chị đang dùng đã là SIM 4G",
        (Language::Vi, _) => "thông tin đã được xóa",
        (Language::En, TicketStatus::Cancelled | TicketStatus::Refused) => "as you wished",
        (Language::En, TicketStatus::Unreachable) => "we could not reach you",
        (Language::En, TicketStatus::WrongAddress) => "the address was not found",
        (Language::En, TicketStatus::NotEligible) => "the subscription is not eligible",
        (Language::En, TicketStatus::Already4g) => "your SIM is a 4G SIM already",
        (Language::En, _) => "what we knew was deleted",
    }
}

/// `10:30 hôm nay`, `8:00 ngày 27/11/2026`.
fn moment(language: Language, at: Timestamp, now: Timestamp) -> String {
    let time = clock(at.minute());
    match (language, at.day() == now.day()) {
        (Language::Vi, true) => format!("{time} hôm nay"),
        (Language::Vi, false) => format!("{time} ngày {}", at.day().shown()),
        (Language::En, true) => format!("{time} today"),
        (Language::En, false) => format!("{time} on {}", at.day().shown()),
    }
}
