// SPDX-License-Identifier: Apache-2.0
// The officer's desk: shows the chosen picture before it is sent, warns before typed text is lost, asks before a refusal.
'use strict'
{
  const file = document.querySelector('input[type=file]')
  if (file) {
    file.addEventListener('change', () => {
      let image = document.getElementById('chosen')
      if (!file.files.length) return image && image.remove()
      if (!image) {
        image = document.createElement('img')
        image.id = 'chosen'
        image.className = 'portrait'
        image.alt = file.dataset.alt || ''
        file.before(image)
      }
      const reader = new FileReader()
      reader.onload = () => { image.src = reader.result }
      reader.readAsDataURL(file.files[0])
    })
  }
  let typed = false
  for (const form of document.querySelectorAll('form[data-keep]')) {
    form.addEventListener('input', () => { typed = true })
    form.addEventListener('submit', () => { typed = false })
  }
  addEventListener('beforeunload', (event) => { if (typed) event.preventDefault() })
}
