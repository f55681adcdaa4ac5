//! From a stranger's file to a picture of ours.

use std::io::Cursor;

use image::codecs::png::{CompressionType, FilterType as Filter, PngEncoder};
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use thiserror::Error;

/// The longest file that is fetched.
pub const MAX_SOURCE_BYTES: usize = 1 << 20;
/// The longest picture that is served: with it a page stays light on a poor phone.
pub const MAX_PICTURE_BYTES: usize = 16 << 10;

/// The widest and highest that is unpacked. A few bytes can promise far more.
const MAX_SIDE: u32 = 2_048;
/// What unpacking may take: four bytes for each such pixel, and as much again for the reader's own.
const MAX_MEMORY: u64 = 2 * 4 * (MAX_SIDE as u64) * (MAX_SIDE as u64);
/// The sizes tried, in pixels of a fine screen, the largest first. The last fits even if nothing in it can
/// be compressed.
const SIZES: [(u32, u32); 4] = [(480, 96), (320, 72), (200, 48), (120, 30)];

/// Why a file is not shown; sentences for whoever named it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum NoPicture {
    /// Another kind of file: SVG, a page, whatever.
    #[error("What is there is not a PNG, JPEG or WebP picture.")]
    Format,
    /// Larger than is unpacked.
    #[error("The picture is larger than {MAX_SIDE} × {MAX_SIDE} pixels.")]
    Dimensions,
    /// Cut off, or broken.
    #[error("The picture cannot be read to its end.")]
    Broken,
}

/// A small PNG of the picture's pixels.
///
/// # Errors
/// When it is not one, or one that is not unpacked.
pub(crate) fn redraw(file: &[u8]) -> Result<Vec<u8>, NoPicture> {
    let picture = unpack(file)?;
    let mut drawn = Vec::new();
    for size in SIZES {
        drawn = draw(&picture, size)?;
        if drawn.len() <= MAX_PICTURE_BYTES {
            break;
        }
    }
    Ok(drawn)
}

fn unpack(file: &[u8]) -> Result<DynamicImage, NoPicture> {
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format().map_err(|_| NoPicture::Format)?;
    // By what it begins with. What a server calls it is not asked.
    if !matches!(reader.format(), Some(ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP)) {
        return Err(NoPicture::Format);
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(|_| NoPicture::Broken)?;
    let (width, height) = decoder.dimensions();
    if width > MAX_SIDE || height > MAX_SIDE {
        return Err(NoPicture::Dimensions);
    }
    DynamicImage::from_decoder(decoder).map_err(|_| NoPicture::Broken)
}

/// The picture within this size, never enlarged.
fn draw(picture: &DynamicImage, (width, height): (u32, u32)) -> Result<Vec<u8>, NoPicture> {
    let fits = picture.width() <= width && picture.height() <= height;
    let small = if fits { picture.clone() } else { picture.resize(width, height, FilterType::Triangle) };
    let mut drawn = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut drawn, CompressionType::Best, Filter::Adaptive);
    small.to_rgba8().write_with_encoder(encoder).map_err(|_| NoPicture::Broken)?;
    Ok(drawn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgba, RgbaImage};

    fn file(width: u32, height: u32, format: ImageFormat, pixel: impl Fn(u32, u32) -> [u8; 4]) -> Vec<u8> {
        let picture = RgbaImage::from_fn(width, height, |x, y| Rgba(pixel(x, y)));
        let picture = DynamicImage::from(picture);
        let picture = if format == ImageFormat::Jpeg { picture.to_rgb8().into() } else { picture };
        let mut file = Cursor::new(Vec::new());
        picture.write_to(&mut file, format).unwrap();
        file.into_inner()
    }

    fn blue(_: u32, _: u32) -> [u8; 4] {
        [10, 20, 200, 255]
    }

    /// Not to be compressed.
    fn noise(x: u32, y: u32) -> [u8; 4] {
        let mut state = (x.wrapping_mul(0x9e37_79b9) ^ y.wrapping_mul(0x85eb_ca6b)) | 1;
        for _ in 0..4 {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
        }
        state.to_le_bytes()
    }

    fn read(png: &[u8]) -> DynamicImage {
        image::load_from_memory_with_format(png, ImageFormat::Png).unwrap()
    }

    #[test]
    fn every_kind_becomes_a_small_png() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let drawn = redraw(&file(300, 50, format, blue)).unwrap();
            let picture = read(&drawn);
            assert_eq!((picture.width(), picture.height()), (300, 50), "{format:?}: nothing is enlarged");
            let [r, g, b, a] = picture.to_rgba8().get_pixel(150, 25).0;
            assert!(r < 20 && g < 30 && b > 190 && a == 255, "{format:?}");
        }
    }

    #[test]
    fn a_large_one_is_shrunk_in_proportion() {
        let picture = read(&redraw(&file(1000, 100, ImageFormat::Png, blue)).unwrap());
        assert_eq!((picture.width(), picture.height()), (480, 48));
        let picture = read(&redraw(&file(100, 1000, ImageFormat::Png, blue)).unwrap());
        assert_eq!((picture.width(), picture.height()), (10, 96));
    }

    #[test]
    fn however_little_it_can_be_compressed_a_page_stays_light() {
        for (width, height) in [(480, 96), (600, 600), (120, 30)] {
            let drawn = redraw(&file(width, height, ImageFormat::Png, noise)).unwrap();
            assert!(drawn.len() <= MAX_PICTURE_BYTES, "{width} × {height}: {} bytes", drawn.len());
        }
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
        let xml = b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>";
        for file in [&svg[..], xml, b"<!doctype html>", b"GIF89a\x01\0\x01\0\0\0\0;", b"BM\0\0", b"", b"%PDF-1.7"] {
            assert_eq!(redraw(file), Err(NoPicture::Format), "{}", String::from_utf8_lossy(file));
        }
    }

    #[test]
    fn one_that_is_cut_off_is_refused() {
        for format in [ImageFormat::Png, ImageFormat::WebP] {
            let whole = file(64, 64, format, noise);
            for kept in [12, 40, whole.len() / 2] {
                assert_eq!(redraw(&whole[..kept]), Err(NoPicture::Broken), "{format:?}, {kept} bytes");
            }
        }
    }

    /// Right in every way but for what it promises: 50,000 × 50,000 pixels in under a hundred bytes.
    #[test]
    fn a_bomb_is_judged_by_its_head() {
        let mut bomb = file(1, 1, ImageFormat::Png, blue);
        bomb[16..20].copy_from_slice(&50_000u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&50_000u32.to_be_bytes());
        let checksum = crc32(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&checksum.to_be_bytes());
        assert_eq!(redraw(&bomb), Err(NoPicture::Dimensions));
        for (width, height) in [(MAX_SIDE + 1, 1), (1, MAX_SIDE + 1)] {
            assert_eq!(redraw(&file(width, height, ImageFormat::Png, blue)), Err(NoPicture::Dimensions));
        }
        assert!(redraw(&file(MAX_SIDE, 1, ImageFormat::Png, blue)).is_ok());
    }

    /// RFC 2083 §15.
    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
        })
    }

    #[test]
    fn nothing_but_pixels_is_passed_on() {
        let mut given = file(8, 8, ImageFormat::Png, blue);
        given.extend_from_slice(b"<script>alert(1)</script>");
        let drawn = redraw(&given).unwrap();
        assert!(!drawn.windows(8).any(|window| window == b"<script>"));
        let chunks = |png: &[u8], name: &[u8]| png.windows(4).filter(|window| window == &name).count();
        assert_eq!((chunks(&drawn, b"tEXt"), chunks(&drawn, b"iCCP"), chunks(&drawn, b"eXIf")), (0, 0, 0));
    }
}
